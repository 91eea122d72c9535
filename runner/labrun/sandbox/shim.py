"""Runs inside the sandbox, before learner code; everything it says from then on is testimony.

Copied into every image beside `wire.py`. It imports nothing of labrun and trusts only the other
end of its stream. Requests (`t` names the kind, `id` is echoed in the reply):

    hello  → versions            put  → files into a folder      load → tables, models, inputs
    call   → value or model      run  → exit code and files      fork → a child serves what follows
    attr, meth, end              on remote objects, in a forked child
"""

import builtins
import importlib
import io
import os
import pickle
import select
import shutil
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import msgpack
import wire  # type: ignore[import-not-found,unused-ignore]  # the copy beside this file

WORK = os.environ.get("LABRUN_WORK", "/work")
IN = os.environ.get("LABRUN_IN", "/in")
OUT = os.environ.get("LABRUN_OUT", "/out")
IN_IMAGE = os.path.abspath(__file__) == "/opt/labrun/shim.py"
MESSAGE_CHARS = 2000
FRAMES_SHOWN = 6
HOST_CAPS = wire.Caps(frame=1 << 32, head=64 << 20, items=10_000_000)
MAX_FILES = 64
LOG_CHARS = 65_536
PLAIN: tuple[Callable[..., Any], ...] = (bool, int, float, str, bytes, list, tuple, dict)

Request = dict[str, Any]


class Stream:
    """The one connection to the grader, as exact reads and whole writes on a descriptor."""

    def __init__(self, reader: int, writer: int) -> None:
        self.reader = reader
        self.writer = writer

    def read(self, size: int) -> bytearray:
        body = bytearray(size)
        view, got = memoryview(body), 0
        while got < size:
            count = os.readv(self.reader, [view[got:]])
            if not count:
                os._exit(0)
            got += count
        return body

    def send(self, message: Any, special: wire.Special | None = None) -> None:
        for part in wire.encode(message, special):
            view = memoryview(part)
            while view:
                view = view[os.write(self.writer, view[: 1 << 20]) :]


def connect() -> Stream:
    """Take over the stream and point learner output at the log (standard error)."""
    path = os.environ.pop("LABRUN_SOCKET", "")
    number = os.environ.pop("LABRUN_FD", "")
    if path:
        link = socket.socket(socket.AF_UNIX)
        link.connect(path)
        reader = writer = link.detach()
    elif number:
        reader = writer = int(number)
    else:
        reader, writer = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    for stream in (reader, writer):
        os.set_inheritable(stream, False)
    return Stream(reader, writer)


def leave_with_the_grader(descriptor: int) -> None:
    """End this process when the other end goes away, even while learner code is busy."""

    def watch() -> None:
        poller = select.poll()
        poller.register(descriptor, select.POLLRDHUP | select.POLLHUP | select.POLLERR)
        while True:
            for _, event in poller.poll():
                if event & (select.POLLRDHUP | select.POLLHUP | select.POLLERR):
                    os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


class Worker:
    """Serves requests; learner objects stay here and are known outside by number."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.objects: dict[int, Any] = {}
        self.loaded: dict[str, Any] = {}
        self.submission: dict[str, bytes] = {}

    # what learner values look like on the wire
    def special(self, item: Any, encode: Callable[[Any], Any]) -> Any:
        if isinstance(item, set | frozenset):
            return encode(sorted(item, key=repr))
        for base in PLAIN:  # a subclass says no more than its value
            if isinstance(item, base):  # type: ignore[arg-type]
                return encode(base(item))
        if type(item).__module__.partition(".")[0] == "torch" and hasattr(item, "detach"):
            return encode(item.detach().cpu().numpy())
        number = len(self.objects) + 1
        self.objects[number] = item
        name = type(item).__name__[:80]
        return msgpack.ExtType(wire.REMOTE, msgpack.packb([number, name]))

    def only_values(self, item: Any, encode: Callable[[Any], Any]) -> Any:
        coded = self.special(item, encode)
        if isinstance(coded, msgpack.ExtType) and coded.code == wire.REMOTE:
            msg = f"cannot send a {type(item).__module__}.{type(item).__name__}"
            raise wire.WireError(msg)
        return coded

    def hook(self, code: int, body: Any) -> Any:
        if code == wire.REMOTE:
            return self.objects[body[0]]
        if code == wire.CALLBACK:
            return lambda *args, **kwargs: self.call_back(body, args, kwargs)
        msg = f"unknown extension {code}"
        raise wire.WireError(msg)

    def call_back(self, number: int, args: Any, kwargs: Any) -> Any:
        self.stream.send(
            {"t": "callback", "number": number, "args": list(args), "kwargs": kwargs}, self.special
        )
        reply = wire.decode(self.stream.read, HOST_CAPS, self.hook)
        if "error" in reply:
            kind = getattr(builtins, reply["error"], None)
            if isinstance(kind, type) and issubclass(kind, Exception):
                raise kind(reply.get("message", ""))
            raise RuntimeError(reply["error"])
        return reply["value"]

    # requests
    def do_hello(self, request: Request) -> Any:
        for name in request.get("preload", ()):
            try:
                importlib.import_module(name)
            except BaseException as error:  # the learner's own import will say so again, as theirs
                print(f"(not preloaded: {name}: {error})", file=sys.stderr)
        return {"python": sys.version.split()[0], "pid": os.getpid()}

    def do_put(self, request: Request) -> Any:
        if request["folder"] == "work":
            self.submission = request["files"]
        folder = {"work": WORK, "model": os.path.join(IN, "model")}[request["folder"]]
        for name, body in request["files"].items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(body)
        return True

    def do_load(self, request: Request) -> Any:
        self.loaded[request["name"]] = request["value"]
        return True

    def do_table(self, request: Request) -> Any:
        path = os.path.join(IN, request["name"] + ".csv")
        request["value"].to_csv(path, index=False)
        return True

    def function(self, request: Request) -> Callable[..., Any]:
        if WORK not in sys.path:  # learner modules are reachable only from here on
            sys.path.insert(0, WORK)
        module = importlib.import_module(request["module"])
        name = request["function"]
        if not hasattr(module, name):
            msg = f"{request['module']}.py must define {name}"
            raise NotImplementedError(msg)
        found: Callable[..., Any] = getattr(module, name)
        return found

    def do_call(self, request: Request) -> Any:
        function = self.function(request)
        args = [self.loaded[name] for name in request.get("inputs", ())] + list(request["args"])
        if request.get("model") is not None:
            args.insert(0, load_model(request["model"]))
        value = function(*args, **request["kwargs"])
        return dump_model(value) if request.get("returns") == "model" else value

    def do_run(self, request: Request) -> Any:
        import subprocess

        done = subprocess.run(request["command"], cwd=WORK, stdin=subprocess.DEVNULL, check=False)
        return {"exit_code": done.returncode, "files": collect(OUT)}

    def do_attr(self, request: Request) -> Any:
        value = getattr(request["object"], request["name"])
        return {"callable": True} if callable(value) else {"value": value}

    def do_meth(self, request: Request) -> Any:
        return getattr(request["object"], request["name"])(*request["args"], **request["kwargs"])

    def do_ping(self, _request: Request) -> bool:
        return True

    def answer(self, request: Request) -> Request:
        """Return the reply to one request; whatever learner code raises is part of it."""
        try:
            return {"value": getattr(self, "do_" + request["t"])(request)}
        except BaseException as error:  # sys.exit and KeyboardInterrupt included: it is theirs
            return described(error)

    def serve(self) -> NoReturn:
        while True:
            request = wire.decode(self.stream.read, HOST_CAPS, self.hook)
            if request["t"] == "fork":
                self.fork(request)
                continue
            if request["t"] == "end":
                os._exit(0)  # no exit handler and no stream of the learner's has a say
            reply = self.answer(request)
            reply["id"] = request["id"]
            plain = request.get("returns") in ("values", "model")
            try:
                self.stream.send(reply, self.only_values if plain else self.special)
            except wire.WireError as error:
                self.stream.send(
                    {"id": request["id"], "error": "UnsendableResult", "message": str(error)}
                )

    def as_new(self) -> None:
        """Leave nothing of one test to the next; only in an image are these folders ours."""
        if not IN_IMAGE:
            return
        for folder in ("/tmp", OUT, WORK):  # noqa: S108  (the sandbox's own)
            for entry in os.scandir(folder):
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path, ignore_errors=True)
                else:
                    os.unlink(entry.path)
        self.do_put({"folder": "work", "files": self.submission})

    def fork(self, request: Request) -> None:
        """Let a child serve until it ends; this parent then says only that it ended, and how."""
        child = os.fork()
        if child:
            status = os.waitpid(child, 0)[1]
            self.as_new()
            self.stream.send({"t": "ended", "status": status})
            return
        leave_with_the_grader(self.stream.reader)
        self.stream.send({"value": True, "id": request["id"]})


class UnsavableModelError(Exception):
    """What fit returned cannot be carried to the next phase."""


def dump_model(value: Any) -> bytes:
    body = io.BytesIO()
    try:
        pickle.Pickler(body, protocol=5).dump(value)
    except Exception as error:
        msg = f"the model cannot be saved with pickle: {type(error).__name__}: {error}"
        raise UnsavableModelError(msg) from error
    return body.getvalue()


def load_model(body: bytes) -> Any:
    return pickle.loads(body)  # inside an untrusted sandbox, of what an untrusted sandbox wrote


def collect(folder: str) -> dict[str, bytes]:
    """Return the regular files of a folder, by name; links and special files do not count."""
    found: dict[str, bytes] = {}
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name)[: MAX_FILES + 1]:
        if not entry.is_file(follow_symlinks=False):
            continue
        descriptor = os.open(entry.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            found[entry.name] = file.read()
    return found


def described(error: BaseException) -> Request:
    """Return an exception as plain text: its type, message and the learner's own lines."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith(WORK + os.sep)]
    where = [f"{os.path.relpath(f.filename, WORK)}:{f.lineno} in {f.name}" for f in own]
    if isinstance(error, SyntaxError) and str(error.filename).startswith(WORK + os.sep):
        where.append(f"{os.path.relpath(str(error.filename), WORK)}:{error.lineno}")
    try:
        message = str(error)[:MESSAGE_CHARS].encode("utf-8", "replace").decode()
    except BaseException:  # a learner's __str__ may do anything
        message = "(its message cannot be shown)"
    kinds = [kind.__name__ for kind in type(error).__mro__ if kind is not object]
    try:
        own_part = error.__traceback__
        while own_part and not own_part.tb_frame.f_code.co_filename.startswith(WORK + os.sep):
            own_part = own_part.tb_next
        text = "".join(traceback.format_exception(type(error), error, own_part))
        os.write(2, text[:LOG_CHARS].encode("utf-8", "replace"))  # sys.stderr is the learner's
    except BaseException:
        message += " (its traceback cannot be shown)"
    return {
        "error": type(error).__name__[:80],
        "message": message,
        "where": where[-FRAMES_SHOWN:],
        "kinds": kinds[:10],
    }


def main() -> None:
    stream = connect()
    leave_with_the_grader(stream.reader)
    os.chdir(WORK)
    sys.path[:] = [path for path in sys.path if path not in ("", WORK)]
    Worker(stream).serve()


if __name__ == "__main__":
    main()
