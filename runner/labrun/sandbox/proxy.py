"""The learner's module as hidden tests see it: values in and out, objects only by remote."""

import builtins
from collections.abc import Callable
from typing import Any, NoReturn

import msgpack

from labrun import wire
from labrun.domain.evidence import Ending, LearnerError
from labrun.sandbox.base import Box, PhaseEnded
from labrun.sandbox.session import Session


class RemoteError(Exception):
    """What learner code raised; also an instance of the builtin class it came from."""


class NotAValueError(AssertionError):
    """A test needed a plain value and got a learner's object, which may claim to equal anything."""


class RemoteObject:
    """An object of a learner's class; it stays in the sandbox and is never compared or counted."""

    def __init__(self, link: "Link", number: int, kind: str) -> None:
        self.__dict__.update(_link=link, _number=number, _kind=kind)

    def __getattr__(self, name: str) -> Any:
        """Return an attribute's value, or a method to call."""
        if name.startswith("_"):
            raise AttributeError(name)
        link: Link = self.__dict__["_link"]
        reply = link.ask("attr", object=self, name=name)
        if isinstance(reply, dict) and reply.get("callable") is True:
            return lambda *args, **kwargs: link.ask(
                "meth", object=self, name=name, args=list(args), kwargs=kwargs
            )
        if isinstance(reply, dict) and "value" in reply:
            return reply["value"]
        raise PhaseEnded(Ending.INVALID_OUTPUT, "an attribute without a value")

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse: tests look at learner objects and do not change them."""
        msg = f"a test may not set {name!r} on a learner's object"
        raise AttributeError(msg)

    def __repr__(self) -> str:
        """Return what is known of it."""
        return f"<remote {self.__dict__['_kind']}>"

    def _refuse(self, *_args: object) -> NoReturn:
        msg = f"expected a plain value, got a {self.__dict__['_kind']} object"
        raise NotAValueError(msg)

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __bool__ = __len__ = __iter__ = __contains__ = __getitem__ = _refuse
    __array__ = __float__ = __int__ = __index__ = __complex__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _refuse
    __hash__ = None  # type: ignore[assignment]  # unhashable, so no set or dict compares it


class Fitted:
    """The model that the submission's own fit returned: opaque here, opened in the sandbox only.

    It stands for the model as the first argument of a function, and nowhere else.
    """

    def __init__(self, body: bytes) -> None:
        self.body = body

    def __repr__(self) -> str:
        """Return what is known of it."""
        return f"<fitted model, {len(self.body):,} bytes>"


class Module:
    """One learner module; every attribute is a function that runs in the sandbox."""

    def __init__(self, link: "Link", name: str) -> None:
        self._link = link
        self._name = name

    def __getattr__(self, function: str) -> Callable[..., Any]:
        """Return the remote function of that name."""
        if function.startswith("__"):
            raise AttributeError(function)
        return lambda *args, **kwargs: self._call(function, list(args), kwargs)

    def _call(self, function: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        model = args.pop(0).body if args and isinstance(args[0], Fitted) else None
        return self._link.ask(
            "call", module=self._name, function=function, args=args, kwargs=kwargs, model=model
        )


class Link:
    """One session as the proxies use it: callbacks by number, errors as builtin classes."""

    def __init__(self, box: Box, *, caps: wire.Caps) -> None:
        self._callbacks: dict[int, Callable[..., Any]] = {}
        self._busy = False
        self.session = Session(box, caps=caps, hook=self._hook, special=self._special)
        self.seconds = 0.0
        self.replies = 0

    def ask(self, kind: str, **fields: Any) -> Any:
        """Return what the learner's side answers; raise `RemoteError` for what it raised."""
        if self._busy:
            msg = "a callback may not call the learner's code again"
            raise RuntimeError(msg)
        self._callbacks, self._busy = {}, True
        try:
            value = self.session.request(
                kind, seconds=self.seconds, callbacks=self._callbacks, **fields
            )
        except PhaseEnded as ended:
            if ended.error is None:
                raise
            self.replies += 1
            raise remote_error(ended.error) from None
        finally:
            self._busy = False
        self.replies += 1
        return value

    def _hook(self, code: int, body: Any) -> RemoteObject:
        if code != wire.REMOTE or not isinstance(body, list) or len(body) != 2:  # noqa: PLR2004
            msg = f"unknown extension {code}"
            raise wire.WireError(msg)
        number, kind = body
        if type(number) is not int or not isinstance(kind, str):
            msg = "an object without a number"
            raise wire.WireError(msg)
        return RemoteObject(self, number, kind[:40])

    def _special(self, item: Any, _encode: Callable[[Any], Any]) -> msgpack.ExtType:
        if isinstance(item, RemoteObject):
            packed = msgpack.packb([item.__dict__["_number"], ""])
            return msgpack.ExtType(wire.REMOTE, packed)
        if isinstance(item, Fitted):
            msg = "the fitted model can only be the first argument of a function"
            raise TypeError(msg)
        if callable(item):
            number = len(self._callbacks) + 1
            self._callbacks[number] = item
            return msgpack.ExtType(wire.CALLBACK, msgpack.packb(number))
        msg = f"a test tried to send a {type(item).__name__}"
        raise TypeError(msg)


def remote_error(error: LearnerError) -> RemoteError:
    """Return the error as the nearest builtin exception it claims to be, and as a `RemoteError`."""
    message = f"{error.type}: {error.message}"
    for name in (error.type, *error.kinds):
        base = getattr(builtins, name, None)
        if isinstance(base, type) and issubclass(base, Exception) and base is not Exception:
            kind = type(name, (RemoteError, base), {"__str__": lambda self: str(self.args[0])})
            try:
                made: RemoteError = kind(message)
            except TypeError:  # a few builtins, such as UnicodeDecodeError, want more arguments
                continue
            return made
    return RemoteError(message)
