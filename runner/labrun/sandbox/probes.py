"""Try each wall of the sandbox from inside, with the settings every submission gets."""

from collections.abc import Iterator, Mapping
from typing import Any

from labrun.domain.lab import Limits
from labrun.domain.record import Record
from labrun.sandbox.base import PhaseEnded, Sandbox
from labrun.sandbox.session import Session

LIMITS = Limits(wall_seconds=10, memory_mb=256, pids=64, output_mb=4)
HOG_LIMITS = Limits(wall_seconds=20, memory_mb=128, pids=64, output_mb=4)
SECONDS = 20.0

# Runs inside. Each probe returns what it saw; the expectation is judged outside.
EXPLORER = r"""
import ctypes, errno, os, resource, socket

libc = ctypes.CDLL(None, use_errno=True)

def call(number, *args):
    done = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) for a in args])
    return "allowed" if done >= 0 else errno.errorcode.get(ctypes.get_errno(), "?")

def family(number, kind=socket.SOCK_STREAM):
    try:
        socket.socket(number, kind).close()
        return "allowed"
    except OSError as error:
        return errno.errorcode.get(error.errno, "?")

def write(path):
    try:
        open(path, "w").close()
        return "allowed"
    except OSError as error:
        return errno.errorcode.get(error.errno, "?")

def fill(path, size):
    try:
        with open(path, "wb") as file:
            for _ in range(size):
                file.write(bytes(1 << 20))
        return "allowed"
    except OSError as error:
        return errno.errorcode.get(error.errno, "?")
    finally:
        if os.path.exists(path):
            os.unlink(path)

def inodes(folder, count):
    try:
        for number in range(count):
            open(f"{folder}/f{number}", "w").close()
        return "allowed"
    except OSError as error:
        return errno.errorcode.get(error.errno, "?")

def children(count):
    pids = []
    try:
        for _ in range(count):
            pid = os.fork()
            if pid == 0:
                import time
                time.sleep(5)
                os._exit(0)
            pids.append(pid)
        return "allowed"
    except OSError as error:
        return errno.errorcode.get(error.errno, "?")
    finally:
        for pid in pids:
            os.kill(pid, 9)
            os.waitpid(pid, 0)

def look():
    status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
    setuid = [os.path.join(root, name)
              for top in ("/bin", "/sbin", "/usr", "/opt") for root, _, names in os.walk(top)
              for name in names
              if os.lstat(os.path.join(root, name)).st_mode & 0o6000]
    return {
        "uid": os.getuid(), "groups": os.getgroups(),
        "caps": status["CapEff"].strip() + status["CapBnd"].strip(),
        "no_new_privs": status["NoNewPrivs"].strip(), "seccomp": status["Seccomp"].strip(),
        "interfaces": sorted(os.listdir("/sys/class/net")),
        "inet": family(socket.AF_INET), "inet6": family(socket.AF_INET6),
        "vsock": family(40), "netlink": family(16, socket.SOCK_RAW), "alg": family(38, 5),
        "io_uring": call(425, 8, 0), "keyring": call(250, 0, -3, 1), "bpf": call(321, 0, 0, 64),
        "ptrace": call(101, 0, 0, 0, 0), "unshare": call(272, 0x10000000),
        "mount": call(165, 0, 0, 0, 0, 0),
        "root": write("/probe"), "shim": write("/opt/labrun/shim.py"), "etc": write("/etc/hosts"),
        "sysctl": write("/proc/sys/kernel/core_pattern"), "cgroup": write("/sys/fs/cgroup/probe"),
        "tmp_bytes": fill("/tmp/full", 192), "out_bytes": fill("/out/full", 64),
        "out_inodes": inodes("/out", 1000), "children": children(200),
        "nofile": resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        "core": resource.getrlimit(resource.RLIMIT_CORE)[1],
        "setuid": setuid, "docker": os.path.exists("/var/run/docker.sock"),
    }

def hog():
    held = []
    while True:
        held.append(bytearray(8 << 20))

def spin():
    while True:
        pass
"""


class Wall(Record):
    """One wall, and whether it held."""

    name: str
    holds: bool
    detail: str


def probe(sandbox: Sandbox, labels: Mapping[str, str]) -> Iterator[Wall]:
    """Yield every wall; raise `SandboxError` if the engine itself fails."""
    try:
        seen = _asked(sandbox, labels, "look", LIMITS, SECONDS)
    except PhaseEnded as ended:
        yield Wall(name="probe", holds=False, detail=f"the probe did not answer: {ended.detail}")
        return
    yield from _walls(seen)
    yield _ending(sandbox, labels, "hog", "out-of-memory", HOG_LIMITS)
    yield _ending(sandbox, labels, "spin", "timed-out", LIMITS)


def _asked(
    sandbox: Sandbox, labels: Mapping[str, str], function: str, limits: Limits, seconds: float
) -> Any:
    box = sandbox.start(limits, labels=labels)
    try:
        session = Session(box)
        session.request("put", folder="work", files={"explorer.py": EXPLORER.encode()})
        fields: dict[str, Any] = {"module": "explorer", "args": [], "kwargs": {}}
        return session.request(
            "call", seconds=seconds, function=function, returns="values", **fields
        )
    finally:
        box.kill()


def _walls(seen: dict[str, Any]) -> Iterator[Wall]:
    yield _is("an unprivileged user", seen["uid"] >= 100_000, f"uid {seen['uid']}")  # noqa: PLR2004
    yield _is("no capabilities", not int(seen["caps"], 16), seen["caps"])
    yield _is("no new privileges", seen["no_new_privs"] == "1", seen["no_new_privs"])
    yield _is("system call filter", seen["seccomp"] == "2", f"mode {seen['seccomp']}")
    yield _is("no network", seen["interfaces"] in ([], ["lo"]), str(seen["interfaces"]))
    for name in ("inet", "inet6", "vsock", "netlink", "alg"):
        yield _refused(f"no {name} sockets", seen[name])
    for name in ("io_uring", "keyring", "bpf", "ptrace", "unshare", "mount"):
        yield _is(f"no {name}", seen[name] == "EPERM", seen[name])
    for name in ("root", "shim", "etc", "sysctl", "cgroup"):
        yield _refused(f"read-only: {name}", seen[name])
    yield _refused("temporary space has a size", seen["tmp_bytes"])
    yield _refused("/out has a size", seen["out_bytes"])
    yield _refused("/out has few inodes", seen["out_inodes"])
    yield _is("processes are limited", seen["children"] == "EAGAIN", seen["children"])
    yield _is("open files are limited", seen["nofile"] <= 1024, str(seen["nofile"]))  # noqa: PLR2004
    yield _is("no core files", seen["core"] == 0, str(seen["core"]))
    yield _is("no setuid programs", not seen["setuid"], ", ".join(seen["setuid"][:3]) or "none")
    yield _is("no Docker socket", not seen["docker"], str(seen["docker"]))


def _is(name: str, holds: bool, detail: str) -> Wall:
    return Wall(name=name, holds=holds, detail=detail)


def _refused(name: str, seen: str) -> Wall:
    return Wall(name=name, holds=seen != "allowed", detail=seen)


def _ending(
    sandbox: Sandbox, labels: Mapping[str, str], function: str, expected: str, limits: Limits
) -> Wall:
    try:
        _asked(sandbox, labels, function, limits, 3.0 if function == "spin" else SECONDS)
    except PhaseEnded as ended:
        return Wall(name=expected, holds=ended.ending == expected, detail=ended.detail)
    return Wall(name=expected, holds=False, detail="it answered, which cannot be")
