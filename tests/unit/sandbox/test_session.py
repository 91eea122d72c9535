"""What answers and silences mean, with a peer that says exactly what a test tells it to."""

from collections.abc import Callable
from typing import Any

import pytest

from labrun import wire
from labrun.domain.evidence import Ending
from labrun.sandbox import session
from labrun.sandbox.base import PhaseEnded, PostMortem, Usage
from labrun.sandbox.channel import Channel, DeadlinePassedError
from labrun.sandbox.session import Session, learner_error, printable


class Scripted:
    """A channel whose peer has said these messages, and then hangs up or is silent."""

    def __init__(self, *messages: Any, silent: bool = False) -> None:
        self.body = bytearray(b"".join(wire.to_bytes(each) for each in messages))
        self.sent = bytearray()
        self.silent = silent

    def read(self, size: int, deadline: float, tick: Callable[[], None]) -> bytearray:
        del deadline
        if len(self.body) < size:
            tick()
            raise DeadlinePassedError if self.silent else EOFError
        part = self.body[:size]
        del self.body[:size]
        return part

    def write(self, body: bytes | memoryview, deadline: float, tick: Callable[[], None]) -> None:
        del deadline, tick
        self.sent += body

    def close(self) -> None:
        """Hang up."""


class FakeBox:
    """A box that ended as it is told."""

    def __init__(self, channel: Scripted, seen: PostMortem | None = None) -> None:
        self.channel: Channel = channel
        self.seen = seen or PostMortem(running=True)
        self.warm = False

    def usage(self) -> Usage:
        return Usage(memory_mb=7)

    def post_mortem(self) -> PostMortem:
        return self.seen

    def ran_out_of_memory(self) -> bool:
        return self.seen.out_of_memory

    def log(self) -> str:
        return ""

    def kill(self) -> None:
        """Leave nothing."""


def ask(*messages: Any, seen: PostMortem | None = None, **more: Any) -> Any:
    return Session(FakeBox(Scripted(*messages), seen)).request("call", **more)


def ended(*messages: Any, seen: PostMortem | None = None) -> PhaseEnded:
    with pytest.raises(PhaseEnded) as caught:
        ask(*messages, seen=seen)
    return caught.value


def test_the_value_of_the_answer_is_returned() -> None:
    assert ask({"id": 1, "value": [1, "a"]}) == [1, "a"]


@pytest.mark.parametrize(
    ("message", "detail"),
    [
        ([1], "a reply that is not a map"),
        ({"id": 2, "value": 1}, "a reply that does not match the request"),
        ({"id": True, "value": 1}, "a reply that does not match the request"),
        ({"id": 1, "t": "other", "value": 1}, "a reply that does not match the request"),
        ({"id": 1}, "a reply without a value"),
        ({"t": "callback", "number": 1, "args": [], "kwargs": {}}, "an unknown callback"),
        ({"t": "callback", "number": [1], "args": [], "kwargs": {}}, "an unknown callback"),
        ({"id": 1, "error": "UnsendableResult", "message": "a lock"}, "a lock"),
    ],
)
def test_what_is_no_answer_is_unusable_output(message: Any, detail: str) -> None:
    found = ended(message)
    assert (found.ending, found.detail) == (Ending.INVALID_OUTPUT, detail)


def test_what_learner_code_raised_is_a_crash_with_its_error() -> None:
    found = ended({"id": 1, "error": "KeyError", "message": "k", "where": ["a.py:3"], "kinds": []})
    assert (found.ending, found.detail) == (Ending.CRASHED, "raised KeyError")
    assert found.error is not None
    assert (found.error.message, found.error.where) == ("k", ("a.py:3",))


@pytest.mark.parametrize(
    ("seen", "ending", "detail"),
    [
        (PostMortem(running=False, exit_code=3), Ending.CRASHED, "(exit code 3)"),
        (PostMortem(running=True), Ending.CRASHED, "the process ended before it answered"),
        (PostMortem(running=False, out_of_memory=True), Ending.OUT_OF_MEMORY, "more memory"),
    ],
)
def test_a_peer_that_hangs_up_is_explained_by_how_it_ended(
    seen: PostMortem, ending: Ending, detail: str
) -> None:
    found = ended(seen=seen)
    assert found.ending is ending
    assert detail in found.detail


def test_the_supervisor_may_say_that_the_child_ended() -> None:
    assert ended({"t": "ended"}).ending is Ending.CRASHED


def test_silence_until_the_deadline_is_told_with_usage_to_who_watches() -> None:
    heard: list[Usage] = []
    talk = Session(FakeBox(Scripted(silent=True)))
    with pytest.raises(PhaseEnded, match=r"no answer after 2.5 s") as caught:
        talk.request("call", seconds=2.5, watch=lambda _elapsed, usage: heard.append(usage))
    assert caught.value.ending is Ending.TIMED_OUT
    assert heard == [Usage(memory_mb=7)]


def test_after_a_failure_the_session_is_dead() -> None:
    talk = Session(FakeBox(Scripted([1], {"id": 2, "value": 1})))
    with pytest.raises(PhaseEnded):
        talk.request("call")
    with pytest.raises(PhaseEnded, match="not a map"):
        talk.request("call")
    talk.end_child()  # says nothing more
    assert talk.failure is not None


def test_callbacks_are_answered_by_value_or_by_the_name_of_what_they_raised() -> None:
    called = {"t": "callback", "number": 1, "args": [20], "kwargs": {}}
    failing = {"t": "callback", "number": 2, "args": [], "kwargs": {}}
    channel = Scripted(called, failing, {"id": 1, "value": "end"})
    talk = Session(FakeBox(channel))
    nothing: dict[str, int] = {}
    functions: dict[int, Callable[..., int]] = {
        1: lambda number: number + 1,
        2: lambda: nothing["none"],
    }
    assert talk.request("call", callbacks=functions) == "end"
    sent = Scripted()
    sent.body = channel.sent
    said = [wire.decode(lambda size: sent.read(size, 0, print)) for _ in range(3)]
    assert said[1:] == [{"value": 21}, {"error": "KeyError"}]


def test_endless_callbacks_end_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "MAX_CALLBACKS", 3)
    calls = [{"t": "callback", "number": 1, "args": [], "kwargs": {}}] * 4
    with pytest.raises(PhaseEnded, match="more than 3 callbacks in one call"):
        ask(*calls, callbacks={1: lambda: None})


@pytest.mark.parametrize(
    ("messages", "left"),
    [
        ([{"t": "ended"}], True),
        ([{"t": "bye"}], False),
        ([[1]], False),
        ([], False),
        ([{"t": ["ended"]}], False),
    ],
)
def test_a_child_that_does_not_leave_when_asked_ends_the_session(
    messages: list[Any], *, left: bool
) -> None:
    talk = Session(FakeBox(Scripted(*messages)))
    talk.end_child()
    assert (talk.failure is None) is left


def test_what_was_raised_is_made_printable_and_bounded() -> None:
    error = learner_error(
        {
            "error": "Odd\x1b[31mError\u202e",
            "message": 3,
            "where": [f"a.py:{line}" for line in range(20)],
            "kinds": "ValueError",
        }
    )
    assert error.type == "OddError?"
    assert error.message == "(not text: int)"
    assert len(error.where) == 6
    assert error.kinds == ()
    assert printable("x" * 50, 10) == "xxxxxxxxxx …[cut]"
