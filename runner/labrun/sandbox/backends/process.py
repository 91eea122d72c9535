"""A plain subprocess: no isolation, for unit tests and practice without Docker."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import IO

from labrun.domain.lab import Limits
from labrun.errors import SandboxError
from labrun.sandbox.base import SANDBOXES, PostMortem, Usage
from labrun.sandbox.channel import Channel, DescriptorChannel
from labrun.sandbox.drain import Log, drain
from labrun.sandbox.settings import environment

GONE_SECONDS = 2.0
STDERR = 2


@SANDBOXES.register("process")
class ProcessSandbox:
    """Run as the current user; every result says unofficial. Never for code you do not trust."""

    name = "process"
    official = False
    image_id: str | None = None

    def __init__(self, *, python: str = sys.executable) -> None:
        self._python = python

    def recipe(self) -> dict[str, str | None]:
        """See `Sandbox.recipe`."""
        return {"python": self._python}

    def clear(self, label: str, value: str) -> None:
        """See `Sandbox.clear`; a process ends with the one that started it."""

    def close(self) -> None:
        """See `Sandbox.close`; nothing is held."""

    def start(self, limits: Limits, *, labels: Mapping[str, str]) -> "Process":
        """See `Sandbox.start`."""
        del labels  # a process carries none: it ends with its parent
        try:
            return Process(self._python, limits)
        except OSError as error:
            msg = f"cannot start {self._python!r}: {error}"
            raise SandboxError(msg) from error


class Process:
    """One shim as a child process; see `Box`."""

    channel: Channel
    warm = False

    def __init__(self, python: str, limits: Limits) -> None:
        self._log = Log()
        self._folder = Path(tempfile.mkdtemp(prefix="labrun-"))
        ours, theirs = socket.socketpair()
        with theirs:
            number = theirs.fileno()
            self._process = subprocess.Popen(
                [python, "-u", str(_installed_shim(self._folder))],
                cwd=self._folder,
                env=self._environment(limits) | {"LABRUN_FD": str(number)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=[number],
                start_new_session=True,
            )
        self.channel = DescriptorChannel(ours.detach())
        assert self._process.stdout  # noqa: S101  (it is a pipe, asked for above)
        self._stdout = self._process.stdout
        self._reader = drain(_chunks(self._stdout), self._log, feed=None)

    def _environment(self, limits: Limits) -> dict[str, str]:
        found = environment(limits, socket=False)
        found |= {"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(self._folder)}
        for name in ("work", "in", "out"):
            (self._folder / name).mkdir()
            found[f"LABRUN_{name.upper()}"] = str(self._folder / name)
        return found

    def usage(self) -> Usage:
        """See `Box.usage`; what the kernel says of this one process, and of children that ended."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
            peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
            stat = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii")
        except (OSError, StopIteration):
            return Usage()
        ticks = sum(map(int, stat.rpartition(")")[2].split()[11:15]))
        return Usage(cpu_seconds=ticks / os.sysconf("SC_CLK_TCK"), memory_mb=int(peak) / 1024)

    def post_mortem(self) -> PostMortem:
        """See `Box.post_mortem`."""
        end = time.monotonic() + GONE_SECONDS
        while self._process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        code = self._process.poll()
        return PostMortem(running=code is None, exit_code=code)

    def ran_out_of_memory(self) -> bool:
        """See `Box.ran_out_of_memory`; nothing limits a plain process."""
        return False

    def log(self) -> str:
        """See `Box.log`."""
        return self._log.text()

    def kill(self) -> None:
        """See `Box.kill`: the whole process group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join(GONE_SECONDS)
        self._stdout.close()
        self.channel.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _installed_shim(folder: Path) -> Path:
    # As in an image: the shim and the wire format beside it, and nothing else of labrun.
    package = resources.files("labrun")
    for source, name in (
        (package / "sandbox" / "shim.py", "shim.py"),
        (package / "wire.py", "wire.py"),
    ):
        (folder / name).write_bytes(source.read_bytes())
    return folder / "shim.py"


def _chunks(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    while body := os.read(stream.fileno(), 65536):
        yield STDERR, body
