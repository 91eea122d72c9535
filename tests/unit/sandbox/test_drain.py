from labrun.sandbox.drain import HEAD_BYTES, TAIL_BYTES, Log, drain


def test_a_short_log_is_kept_whole() -> None:
    log = Log()
    log.add(b"one ")
    log.add(b"two")
    assert log.text() == "one two"


def test_a_long_log_keeps_its_beginning_and_its_end() -> None:
    log = Log()
    log.add(b"first")
    for _ in range(100):
        log.add(b"x" * 10_000)
    log.add(b"last")
    text = log.text()
    assert text.startswith("first")
    assert text.endswith("last")
    assert "bytes left out" in text
    assert len(text) < HEAD_BYTES + TAIL_BYTES + 100


def test_protocol_bytes_go_to_the_channel_and_all_else_to_the_log() -> None:
    log, fed = Log(), bytearray()
    drain([(1, b"frame"), (2, b"noise"), (1, b"s")], log, feed=fed.extend).join()
    assert (bytes(fed), log.text()) == (b"frames", "noise")


def test_a_stream_that_breaks_ends_the_thread() -> None:
    def broken() -> object:
        yield 2, b"before"
        raise OSError

    log = Log()
    drain(broken(), log, feed=None).join()  # type: ignore[arg-type]
    assert log.text() == "before"
