import socket
import threading
import time
from collections.abc import Iterator

import pytest

from labrun.sandbox.channel import BufferedChannel, DeadlinePassedError, DescriptorChannel

Ends = tuple[DescriptorChannel, socket.socket]


def soon() -> float:
    return time.monotonic() + 20


def no_tick() -> None:
    return None


@pytest.fixture
def ends() -> Iterator[Ends]:
    ours, theirs = socket.socketpair()
    channel = DescriptorChannel(ours.detach())
    with theirs:
        yield channel, theirs
        channel.close()


def test_exactly_what_was_asked_for_is_read(ends: Ends) -> None:
    channel, theirs = ends
    theirs.sendall(b"abcdef")
    assert channel.read(4, soon(), no_tick) == b"abcd"
    assert channel.read(2, soon(), no_tick) == b"ef"


def test_a_large_message_is_written_while_the_peer_reads_slowly(ends: Ends) -> None:
    channel, theirs = ends
    body = bytes(range(256)) * 20_000
    got = bytearray()

    def receive() -> None:
        while len(got) < len(body):
            got.extend(theirs.recv(65536))

    reader = threading.Thread(target=receive)
    reader.start()
    channel.write(body, soon(), no_tick)
    reader.join()
    assert got == body


def test_a_peer_that_says_nothing_runs_into_the_deadline_and_ticks_until_then(ends: Ends) -> None:
    ticks: list[int] = []
    with pytest.raises(DeadlinePassedError):
        ends[0].read(1, time.monotonic() + 0.1, lambda: ticks.append(1))
    assert ticks


def test_a_peer_that_never_reads_runs_into_the_deadline(ends: Ends) -> None:
    with pytest.raises(DeadlinePassedError):
        ends[0].write(b"x" * 50_000_000, time.monotonic() + 0.1, no_tick)


def test_a_peer_that_hung_up_is_the_end_of_the_stream(ends: Ends) -> None:
    channel, theirs = ends
    theirs.close()
    with pytest.raises(EOFError):
        channel.read(1, soon(), no_tick)
    with pytest.raises(EOFError):
        channel.write(b"x", soon(), no_tick)


def test_hanging_up_twice_is_harmless(ends: Ends) -> None:
    ends[0].close()
    ends[0].close()


def buffered(cap: int = 100) -> tuple[BufferedChannel, list[bytes], list[str]]:
    sent: list[bytes] = []
    hung_up: list[str] = []
    return BufferedChannel(sent.append, lambda: hung_up.append("up"), cap), sent, hung_up


def test_what_a_thread_feeds_is_read_when_it_is_whole() -> None:
    channel, _, _ = buffered()
    threading.Timer(0.05, channel.feed, [b"ab"]).start()
    threading.Timer(0.1, channel.feed, [b"cd"]).start()
    assert channel.read(3, soon(), no_tick) == b"abc"
    assert channel.read(1, soon(), no_tick) == b"d"


def test_past_the_cap_the_stream_ends_and_nothing_more_is_kept() -> None:
    channel, _, _ = buffered(cap=4)
    channel.feed(b"abc")
    channel.feed(b"de")
    channel.feed(b"f")
    assert channel.read(3, soon(), no_tick) == b"abc"
    with pytest.raises(EOFError):
        channel.read(1, soon(), no_tick)


def test_a_fed_stream_that_is_silent_runs_into_the_deadline_and_ticks() -> None:
    channel, _, _ = buffered()
    ticks: list[int] = []
    with pytest.raises(DeadlinePassedError):
        channel.read(1, time.monotonic() + 0.1, lambda: ticks.append(1))
    assert ticks


def test_closing_hangs_up_and_wakes_who_waits() -> None:
    channel, sent, hung_up = buffered()
    channel.write(b"hello", soon(), no_tick)
    channel.close()
    assert (sent, hung_up) == ([b"hello"], ["up"])
    with pytest.raises(EOFError):
        channel.read(1, soon(), no_tick)


def test_a_write_that_fails_is_the_end_of_the_stream() -> None:
    def send(_body: bytes) -> None:
        raise BrokenPipeError

    with pytest.raises(EOFError):
        BufferedChannel(send, no_tick, 10).write(b"x", soon(), no_tick)
