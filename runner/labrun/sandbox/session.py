"""Requests to the shim in one box, and what its answers and silences mean."""

import itertools
import re
import time
from collections.abc import Callable
from typing import Any

from labrun import wire
from labrun.domain.evidence import Ending, LearnerError
from labrun.sandbox.base import Box, PhaseEnded, Usage
from labrun.sandbox.channel import DeadlinePassedError

SHIM_SECONDS = 60.0  # for what only our own code does: connecting, unpacking inputs
END_SECONDS = 3.0  # for a forked child to leave, which runs no learner code
MAX_CALLBACKS = 100_000
UNSENDABLE = "UnsendableResult"  # what the shim calls a value the wire does not take
TEXT_CHARS = 2000
ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")

Watch = Callable[[float, Usage], None]


class Session:
    """One box, spoken to request by request; after any failure it is dead."""

    def __init__(
        self,
        box: Box,
        *,
        caps: wire.Caps = wire.DEFAULT_CAPS,
        hook: wire.Hook | None = None,
        special: wire.Special | None = None,
    ) -> None:
        self.box = box
        self._caps = caps
        self._hook = hook
        self._special = special
        self._numbers = itertools.count(1)
        self.failure: PhaseEnded | None = None

    def request(
        self,
        kind: str,
        *,
        seconds: float = SHIM_SECONDS,
        watch: Watch | None = None,
        callbacks: dict[int, Callable[..., Any]] | None = None,
        **fields: Any,
    ) -> Any:
        """Return the value of the reply; raise `PhaseEnded` if learner code ended it first."""
        if self.failure:
            raise self.failure
        number = next(self._numbers)
        started = time.monotonic()
        deadline = started + seconds

        def tick() -> None:
            if watch:
                watch(time.monotonic() - started, self.box.usage())

        try:
            self._send({"t": kind, "id": number, **fields}, deadline, tick)
            reply = self._reply(number, deadline, tick, callbacks or {})
        except DeadlinePassedError:
            detail = f"no answer after {seconds:g} s"
            raise self._fail(PhaseEnded(Ending.TIMED_OUT, detail)) from None
        except wire.WireError as error:
            raise self._fail(PhaseEnded(Ending.INVALID_OUTPUT, str(error))) from None
        except EOFError:
            raise self._fail(self._explained()) from None
        return _value(reply)

    def _send(self, message: dict[str, Any], deadline: float, tick: Callable[[], None]) -> None:
        for part in wire.encode(message, self._special):
            self.box.channel.write(part, deadline, tick)

    def _reply(
        self,
        number: int,
        deadline: float,
        tick: Callable[[], None],
        callbacks: dict[int, Callable[..., Any]],
    ) -> dict[str, Any]:
        for _ in range(MAX_CALLBACKS):
            reply = wire.decode(
                lambda size: self.box.channel.read(size, deadline, tick), self._caps, self._hook
            )
            if not isinstance(reply, dict):
                msg = "a reply that is not a map"
                raise wire.WireError(msg)
            kind, echoed = reply.get("t"), reply.get("id")
            if type(kind) is str and kind == "callback":
                self._send(_called_back(reply, callbacks), deadline, tick)
            elif (
                type(kind) is str and kind == "ended"
            ):  # the supervisor speaks; it never carries a value
                raise EOFError
            elif kind is not None or type(echoed) is not int or echoed != number:
                msg = "a reply that does not match the request"
                raise wire.WireError(msg)
            else:
                return reply
        msg = f"more than {MAX_CALLBACKS:,} callbacks in one call"
        raise wire.WireError(msg)

    def end_child(self) -> None:
        """Let the forked child leave; the supervisor says so, and nothing else counts."""
        if self.failure:
            return
        deadline = time.monotonic() + END_SECONDS
        try:
            self._send({"t": "end", "id": next(self._numbers)}, deadline, _no_tick)
            reply = wire.decode(lambda size: self.box.channel.read(size, deadline, _no_tick))
        except (DeadlinePassedError, EOFError, wire.WireError):
            reply = None
        kind = reply.get("t") if isinstance(reply, dict) else None
        if type(kind) is not str or kind != "ended":
            self._fail(PhaseEnded(Ending.INVALID_OUTPUT, "the process did not leave when asked"))

    def _explained(self) -> PhaseEnded:
        seen = self.box.post_mortem()
        if seen.out_of_memory:
            return PhaseEnded(Ending.OUT_OF_MEMORY, "used more memory than the lab allows")
        if seen.running:
            return PhaseEnded(Ending.CRASHED, "the process ended before it answered")
        detail = f"the process ended before it answered (exit code {seen.exit_code})"
        return PhaseEnded(Ending.CRASHED, detail, exit_code=seen.exit_code)

    def _fail(self, ended: PhaseEnded) -> PhaseEnded:
        self.failure = ended
        return ended


def _no_tick() -> None:
    return None


def _value(reply: dict[str, Any]) -> Any:
    if "error" in reply:
        error = learner_error(reply)
        if error.type == UNSENDABLE:
            raise PhaseEnded(Ending.INVALID_OUTPUT, error.message)
        raise PhaseEnded(Ending.CRASHED, f"raised {error.type}", error=error)
    if "value" not in reply:
        raise PhaseEnded(Ending.INVALID_OUTPUT, "a reply without a value")
    return reply["value"]


def _called_back(reply: dict[str, Any], callbacks: dict[int, Callable[..., Any]]) -> dict[str, Any]:
    number = reply.get("number")
    function = callbacks.get(number) if type(number) is int else None
    args, kwargs = reply.get("args"), reply.get("kwargs")
    if function is None or not isinstance(args, list) or not isinstance(kwargs, dict):
        msg = "an unknown callback"
        raise wire.WireError(msg)
    try:
        return {"value": function(*args, **kwargs)}
    except Exception as error:  # noqa: BLE001  (a test's callback may raise anything; it travels by name)
        return {"error": type(error).__name__}


def learner_error(reply: dict[str, Any]) -> LearnerError:
    """Return what a reply says was raised, made printable and bounded."""
    where, kinds = reply.get("where"), reply.get("kinds")
    places = where if isinstance(where, list) else []
    names = kinds if isinstance(kinds, list) else []
    return LearnerError(
        type=printable(reply.get("error"), 80),
        message=printable(reply.get("message", ""), TEXT_CHARS),
        where=tuple(printable(place, 120) for place in places[:6]),
        kinds=tuple(printable(name, 80) for name in names[:10]),
    )


def printable(text: object, most: int) -> str:
    """Return learner text without control characters, at most ``most`` characters long."""
    if not isinstance(text, str):
        return f"(not text: {type(text).__name__})"
    clean = ANSI.sub("", text[: 4 * most])
    clean = "".join(char if char.isprintable() or char in "\n\t" else "?" for char in clean)
    return clean if len(clean) <= most else clean[:most] + " …[cut]"
