"""Fresh, confined containers on a Docker engine."""

import contextlib
import secrets
import select
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from docker import APIClient
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.utils.socket import frames_iter
from requests.exceptions import RequestException

from labrun.domain.lab import Limits
from labrun.errors import ImageError, SandboxError
from labrun.sandbox import cgroup, seccomp, settings
from labrun.sandbox.base import SANDBOXES, PhaseEnded, PostMortem, Usage
from labrun.sandbox.channel import BufferedChannel, Channel, DescriptorChannel
from labrun.sandbox.drain import Frames, Log, drain
from labrun.sandbox.labels import BASE_LABEL, PRELOAD_LABEL
from labrun.sandbox.pool import Handed, Need, Pool
from labrun.sandbox.session import Session

START_SECONDS = 60.0
GONE_SECONDS = 3.0
STREAM_CAP = 256 << 20
DEFAULT_ENGINE = "unix:///var/run/docker.sock"

Remover = Callable[[], None]


@SANDBOXES.register("docker")
class DockerSandbox:
    """Containers without network, privileges or a writable root, each used once."""

    name = "docker"
    official = True

    def __init__(
        self,
        *,
        image: str = "labrun/cpu:latest",
        engine: str | None = None,
        transport: str = "auto",
        runtime: str | None = None,
        pool: str | None = None,
        eager: str | None = None,
    ) -> None:
        """Take warm containers from the keeper of home ``pool``; see `labrun.sandbox.pool`."""
        self._engine = engine or DEFAULT_ENGINE
        self._by_socket = transport == "unix" or (
            transport == "auto" and self._engine.startswith("unix://")
        )
        self._runtime = runtime
        self.client = connect(self._engine)
        self.image_id: str | None = _resolve(self.client, image)
        self._recipe = {
            "engine": self._engine,
            "transport": transport,
            "runtime": runtime,
            "pool": pool,
            "eager": eager,
        }
        self._pool = Pool(Path(pool), eager=bool(eager)) if pool and self._by_socket else None

    def recipe(self) -> dict[str, str | None]:
        """See `Sandbox.recipe`; the image is pinned by its digest."""
        return {**self._recipe, "image": self.image_id}

    def clear(self, label: str, value: str) -> None:
        """See `Sandbox.clear`."""
        with translated("list containers"):
            wanted = {"label": f"{label}={value}"}
            found = [each["Id"] for each in self.client.containers(all=True, filters=wanted)]
        for container in found:
            remove(self.client, container)
        if self._pool:
            self._pool.clear(label, value)

    def close(self) -> None:
        """See `Sandbox.close`."""
        self.client.close()
        if self._pool:
            self._pool.close()

    def start(self, limits: Limits, *, labels: Mapping[str, str]) -> "Container":
        """See `Sandbox.start`."""
        if self._pool:
            need = Need.of(
                limits, image=str(self.image_id), engine=self._engine, runtime=self._runtime
            )
            if handed := self._pool.take(need, labels):
                return Container.adopted(self.client, handed)
        return self._start(limits, labels)

    def start_waiting(self, limits: Limits, *, labels: Mapping[str, str]) -> "Container":
        """Return a box that waits, what its image is for already imported; see `Shelf`."""
        box = self._start(limits, labels, drained=False)
        try:
            with translated("read the labels of an image"):
                found: dict[str, Any] = self.client.inspect_image(self.image_id)  # type: ignore[no-untyped-call]
            preload = (found["Config"].get("Labels") or {}).get(PRELOAD_LABEL, "").split()
            Session(box).request("hello", preload=preload)
        except PhaseEnded as error:
            box.kill()
            msg = f"the sandbox did not warm up: {error.detail}"
            raise SandboxError(msg, help="rebuild the image: labrun image build") from error
        except BaseException:
            box.kill()
            raise
        return box

    def _start(
        self, limits: Limits, labels: Mapping[str, str], *, drained: bool = True
    ) -> "Container":
        folder = _socket_folder() if self._by_socket else None
        plan = settings.Plan(
            image=str(self.image_id),
            limits=limits,
            uid=settings.FIRST_UID + secrets.randbelow(settings.UIDS),
            socket_folder=str(folder) if folder else None,
            seccomp=seccomp.as_option(loopback=limits.loopback),
            labels={BASE_LABEL: "1", **labels},
            runtime=self._runtime,
        )
        with translated("start a container"):
            return Container.started(self.client, plan, drained=drained)


def connect(engine: str | None) -> APIClient:
    """Return a client of the engine, or say that none answers."""
    try:
        return APIClient(base_url=engine or DEFAULT_ENGINE, version="auto", timeout=60)
    except (DockerException, RequestException) as error:
        msg = f"no Docker engine answers at {engine or DEFAULT_ENGINE}"
        help_ = "start Docker, or run: sudo containers/engine.sh; practise with --sandbox process"
        raise SandboxError(msg, help=help_) from error


@contextlib.contextmanager
def translated(what: str) -> Iterator[None]:
    """Turn any fault of the engine into a `SandboxError`: never the learner's."""
    try:
        yield
    except (DockerException, RequestException, OSError) as error:
        msg = f"the Docker engine could not {what}: {_first_line(error)}"
        raise SandboxError(msg, help="run: labrun doctor") from error


def _first_line(error: Exception) -> str:
    explained = getattr(error, "explanation", None)
    text = explained.decode("utf-8", "replace") if isinstance(explained, bytes) else explained
    return str(text or error).partition("\n")[0][:300]


def _resolve(client: APIClient, image: str) -> str:
    try:
        found: str = client.inspect_image(image)["Id"]  # type: ignore[no-untyped-call]
    except ImageNotFound:
        name = image.removeprefix("labrun/").partition(":")[0]
        msg = f"the sandbox image {name!r} is not built on this engine"
        raise ImageError(msg, help=f"run: labrun image build {name}") from None
    except (DockerException, RequestException) as error:
        msg = f"the Docker engine could not look for image {image!r}: {_first_line(error)}"
        raise SandboxError(msg, help="run: labrun doctor") from error
    return found


def _socket_folder() -> Path:
    # Others may pass through it to the one socket, and list or write nothing.
    try:
        folder = Path(tempfile.mkdtemp(prefix="labrun-"))
        folder.chmod(0o711)
    except OSError as error:
        msg = f"cannot make a folder for the sandbox's socket: {error}"
        raise SandboxError(msg, help="free some space in the temporary folder") from error
    return folder


class Container:
    """One running container; see `Box`."""

    channel: Channel

    def __init__(
        self, client: APIClient, folder: str | None = None, *, drained: bool = True
    ) -> None:
        self._client = client
        self._log = Log()
        self._drained = drained
        self._descriptor = -1
        self._lease: socket.socket | None = None
        self._folder = Path(folder) if folder else None
        self._killed = threading.Lock()
        self._peak_mb = 0.0
        self._group: cgroup.ControlGroup | None = None
        self._spent_before = 0.0  # in a container that waited: imports, which are not the learner's
        self._since = int(time.time())
        self._stream: Any = None
        self.id = ""
        self.warm = False

    @classmethod
    def started(cls, client: APIClient, plan: settings.Plan, *, drained: bool = True) -> Self:
        """Return a new container; undrained, what it prints stays for whoever adopts it."""
        box = cls(client, plan.socket_folder, drained=drained)
        try:
            box._create(plan)
            box.channel = box._connected()
        except BaseException:
            box.kill()
            raise
        return box

    @classmethod
    def adopted(cls, client: APIClient, handed: Handed) -> Self:
        """Return a container that a keeper started and has handed over."""
        box = cls(client)
        box.id, box.warm = handed.id, True
        box._lease = handed.lease
        box._descriptor = handed.stream
        box._stream = socket.socket(fileno=handed.log)
        box._stream.settimeout(None)
        box.channel = DescriptorChannel(handed.stream)
        drain(_frames(box._stream), box._log, feed=None)
        box._spent_before = box.usage().cpu_seconds or 0.0
        return box

    @contextlib.contextmanager
    def released(self) -> Iterator[list[int]]:
        """Give the descriptors to hand over; this process's own copies are closed after it."""
        raw: socket.socket = getattr(self._stream, "_sock", self._stream)
        try:
            yield [self._descriptor, raw.fileno()]
        finally:
            self.channel.close()
            raw.close()  # not shut down: the other end goes on reading
            self._stream.close()
            self._stream = None

    def is_there(self) -> bool:
        """Return whether its shim still holds the other end of the stream."""
        poller = select.poll()
        poller.register(self._descriptor, select.POLLRDHUP)
        return not poller.poll(0)

    def _create(self, plan: settings.Plan) -> None:
        host = self._client.create_host_config(**settings.host_config(plan))
        made = self._client.create_container(host_config=host, **settings.container_config(plan))
        self.id = made["Id"]

    def _connected(self) -> Channel:
        listener = self._listen() if self._folder else None
        try:
            stream = self._stream = self._attach(stdin=listener is None)
            self._client.start(self.id)
            if listener:
                if self._drained:
                    drain(_frames(stream), self._log, feed=None)
                self._descriptor = self._accept(listener)
                return DescriptorChannel(self._descriptor)
            return self._stream_channel(stream)
        finally:
            if listener:
                listener.close()

    def _listen(self) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX)
        path = f"{self._folder}/s"
        listener.bind(path)
        Path(path).chmod(0o666)
        listener.listen(1)
        listener.settimeout(0.5)
        return listener

    def _attach(self, *, stdin: bool) -> Any:
        wanted = {"stdin": int(stdin), "stdout": 1, "stderr": 1, "stream": 1}
        return self._client.attach_socket(self.id, params=wanted)

    def _accept(self, listener: socket.socket) -> int:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            try:
                return listener.accept()[0].detach()
            except TimeoutError:
                if not self._client.inspect_container(self.id)["State"]["Running"]:
                    break
        msg = f"the sandbox did not come up: {self._log.text().strip()[-300:] or 'no message'}"
        raise SandboxError(msg, help="rebuild the image: labrun image build")

    def _stream_channel(self, stream: Any) -> BufferedChannel:
        raw: socket.socket = getattr(stream, "_sock", stream)
        channel = BufferedChannel(raw.sendall, lambda: _shut(raw), STREAM_CAP)
        thread = drain(_frames(stream), self._log, feed=channel.feed)
        threading.Thread(target=_end_after, args=(thread, channel), daemon=True).start()
        return channel

    def usage(self) -> Usage:
        """See `Box.usage`; from the container's control group, by way of the engine if need be."""
        self._group = self._group or cgroup.of(self.id)
        seen = (self._group.usage() if self._group else None) or self._asked()
        self._peak_mb = max(self._peak_mb, seen.memory_mb or 0)
        cpu = seen.cpu_seconds
        return Usage(
            cpu_seconds=None if cpu is None else max(0.0, cpu - self._spent_before),
            memory_mb=self._peak_mb or None,
        )

    def _asked(self) -> Usage:
        try:
            return cgroup.told(self._client.stats(self.id, stream=False, one_shot=True))
        except (DockerException, RequestException):
            return Usage()

    def post_mortem(self) -> PostMortem:
        """See `Box.post_mortem`."""
        end = time.monotonic() + GONE_SECONDS
        with translated("say how a container ended"):
            while True:
                state = self._client.inspect_container(self.id)["State"]
                if not state["Running"] or time.monotonic() > end:
                    break
                time.sleep(0.02)
        return PostMortem(
            running=state["Running"],
            exit_code=None if state["Running"] else state["ExitCode"],
            out_of_memory=bool(state["OOMKilled"]),
        )

    def ran_out_of_memory(self) -> bool:
        """See `Box.ran_out_of_memory`."""
        with translated("say whether memory ran out"):
            # The flag of the container is set only at its end; the engine's events know at once.
            # Asked until a second from now, the engine waits for news that is still on its way.
            asked = {"container": self.id, "event": "oom"}
            until = int(time.time()) + 1
            events = self._client.events(since=self._since, until=until, filters=asked)
            return any(True for _ in events)

    def log(self) -> str:
        """See `Box.log`."""
        return self._log.text()

    def kill(self) -> None:
        """See `Box.kill`: killed and removed at once, never stopped politely."""
        if not self._killed.acquire(blocking=False):
            return
        if channel := getattr(self, "channel", None):
            channel.close()
        try:
            if self.id:
                remove(self._client, self.id)
        finally:
            self._hang_up()

    def _hang_up(self) -> None:
        if self._stream is not None:
            _shut(getattr(self._stream, "_sock", self._stream))
            self._stream.close()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        if self._lease:
            self._lease.close()


def remove(client: APIClient, container: str) -> None:
    """Kill and remove a container; one that is gone or going is fine."""
    try:
        client.remove_container(container, force=True, v=True)
    except NotFound:
        return
    except APIError as error:
        if error.status_code != 409:  # noqa: PLR2004  (conflict: its removal is under way)
            msg = f"the Docker engine could not remove a container: {_first_line(error)}"
            raise SandboxError(msg, help="run: labrun clean") from error
    except (DockerException, RequestException) as error:
        msg = f"the Docker engine could not remove a container: {_first_line(error)}"
        raise SandboxError(msg, help="run: labrun clean") from error


def _end_after(thread: threading.Thread, channel: BufferedChannel) -> None:
    thread.join()
    channel.end()


def _frames(stream: Any) -> Frames:
    found: Frames = frames_iter(stream, tty=False)  # type: ignore[no-untyped-call]
    return found


def _shut(raw: socket.socket) -> None:
    with contextlib.suppress(OSError):
        raw.shutdown(socket.SHUT_RDWR)
    raw.close()
