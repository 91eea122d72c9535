"""Judge what was seen from inside a sandbox: which walls hold, and what helps the others."""

from collections.abc import Iterator
from typing import Any

from labrun.domain.lab import Limits
from labrun.domain.record import Record
from labrun.sandbox import settings

ALLOWED = "allowed"
LEAST_UID = 100_000
UNCONFINED = 1 << 50  # what cgroup v1 says instead of "max", or more
UNREACHED = frozenset({"EPERM", "EACCES", "EAFNOSUPPORT", "ENETUNREACH"})
# The kernel gives its first namespaces these numbers; see include/linux/proc_ns.h.
FIRST = {"ipc": 4026531839, "uts": 4026531838, "pid": 4026531836, "cgroup": 4026531835}
OWN_MOUNTS = ("/proc", "/dev", "/sys")  # the engine's own, on the container's devices
FILES_MOUNTED = frozenset(
    {
        "/etc/resolv.conf",
        "/etc/hostname",
        "/etc/hosts",
        "/sbin/docker-init",
        "/usr/sbin/docker-init",
    }
)
OF_THE_IMAGE = frozenset({"PATH", "HOSTNAME", "LANG", "LC_ALL", "LC_CTYPE", "RES_OPTIONS"})
OWN_SETTINGS = (
    "labrun sets this for every container, so the engine ignored it: update the engine, and look "
    "for an authorisation plug-in or another runtime that changes containers (docker info)"
)
FILTER = (
    "the engine must know seccomp (docker info: Security Options) and be on x86-64; "
    "runtime runsc needs its flag --oci-seccomp"
)
CGROUP = "the engine must be able to limit this (docker info prints a WARNING where it cannot)"
IMAGE = "build the image again: labrun image build"


class Wall(Record):
    """One wall, whether it held, and what to do if it did not."""

    name: str
    holds: bool
    detail: str
    help: str | None = None


def judged(seen: dict[str, Any], limits: Limits) -> Iterator[Wall]:
    """Yield every wall that the explorer's `look` saw; ``limits`` are what the container had."""
    yield from _rights(seen)
    yield from _calls(seen)
    yield from _network(seen)
    yield from _files(seen, limits)
    yield from _sizes(seen, limits)


def _rights(seen: dict[str, Any]) -> Iterator[Wall]:
    uid, caps, filtered = seen["uid"], " ".join(seen["caps"]), seen["seccomp"]
    own = set(seen["groups"]) <= {uid}
    detail = f"uid {uid}, groups {seen['groups']}"
    yield _wall("an unprivileged user", uid >= LEAST_UID and own, detail, OWN_SETTINGS)
    none = not any(int(each, 16) for each in seen["caps"])
    yield _wall("no capabilities", none, caps, OWN_SETTINGS)
    yield _wall("no new privileges", seen["no_new_privs"] == "1", seen["no_new_privs"], FILTER)
    yield _wall("system call filter", filtered == "2", f"mode {filtered}", FILTER)
    for name, first in FIRST.items():
        number = seen["namespaces"].get(name, "none")
        detail = f"{number}, the host's is {first}"
        yield _wall(f"own namespace: {name}", str(first) not in number, detail, OWN_SETTINGS)
    setuid = seen["setuid"]
    yield _wall("no setuid programs", not setuid, _first(setuid), IMAGE)


def _calls(seen: dict[str, Any]) -> Iterator[Wall]:
    for name, answer in seen["calls"].items():
        yield _wall(f"no {name}", answer == "EPERM", answer, FILTER)


def _network(seen: dict[str, Any]) -> Iterator[Wall]:
    found = seen["interfaces"]
    yield _wall("no network", found in ([], ["lo"]), f"interfaces {found}", OWN_SETTINGS)
    address, name = seen["address"], seen["name"]
    yield _wall("no network by address", address in UNREACHED, address, OWN_SETTINGS)
    yield _wall("no network by name", name != ALLOWED, name, OWN_SETTINGS)
    for family, answer in seen["families"].items():
        yield _wall(f"no {family} sockets", answer != ALLOWED, answer, FILTER)


def _files(seen: dict[str, Any], limits: Limits) -> Iterator[Wall]:
    for name, (read_only, answer) in seen["read_only"].items():
        mount = "read-only" if read_only else "writable mount"
        holds = read_only and answer != ALLOWED
        yield _wall(f"read-only: {name}", holds, f"{mount}, {answer}", OWN_SETTINGS)
    strange = [point for point, root, options, _ in seen["mounts"] if _strange(point, options)]
    yield _wall("nothing of the host mounted", not strange, _first(strange), OWN_SETTINGS)
    points = {point for point, *_ in seen["mounts"]}
    bare = [path for path in seen["masked"] if path not in points and path != "/proc/kcore"]
    yield _wall("the kernel's files are masked", not bare, _first(bare), OWN_SETTINGS)
    yield _wall("no block devices", not seen["blocks"], _first(seen["blocks"]), OWN_SETTINGS)
    yield _wall("no engine's socket", not seen["engines"], _first(seen["engines"]), OWN_SETTINGS)
    expected = {*OF_THE_IMAGE, *settings.environment(limits, socket=True)}
    extra = sorted(set(seen["environment"]) - expected)
    yield _wall("a bare environment", not extra, _first(extra), IMAGE)


def _strange(point: str, options: str) -> bool:
    read_only = "ro" in options.split(",")
    if point in settings.SPACES or point == "/":
        return False
    if point in FILES_MOUNTED or point == settings.SOCKET_FOLDER:
        return not read_only
    return not point.startswith(OWN_MOUNTS)


def _sizes(seen: dict[str, Any], limits: Limits) -> Iterator[Wall]:
    for path, answer in seen["bytes"].items():
        yield _wall(f"{path} has a size", answer != ALLOWED, answer, OWN_SETTINGS)
    for path, answer in seen["inodes"].items():
        yield _wall(f"{path} has few inodes", answer != ALLOWED, answer, OWN_SETTINGS)
    for path, flags in seen["flags"].items():
        detail = ", ".join(flags) or "no flags"
        yield _wall(f"{path} runs nothing", len(flags) == 3, detail, OWN_SETTINGS)  # noqa: PLR2004  (nosuid, nodev, noexec)
    children = seen["children"]
    yield _wall("processes are limited", children == "EAGAIN", children, CGROUP)
    yield from _cgroup(seen["cgroup"], limits, swaps=seen["swaps"])
    nofile, core = seen["nofile"], seen["core"]
    yield _wall("open files are limited", nofile <= settings.NOFILE, str(nofile), OWN_SETTINGS)
    yield _wall("no core files", core == 0, str(core), OWN_SETTINGS)


def _cgroup(found: dict[str, str | None], limits: Limits, *, swaps: int) -> Iterator[Wall]:
    memory = limits.memory_mb << 20
    yield _limited("memory", found["memory"], memory)
    # Version 1 counts swap with memory, version 2 apart; without swap accounting there is no file.
    if swaps or found["memory and swap"] is not None:
        yield _limited("memory and swap", found["memory and swap"], memory)
    yield _limited("pids", found["processes"], limits.pids)
    cpu = (found["cpu"] or "").split()
    limited = bool(cpu) and cpu[0] not in ("max", "-1")
    yield _wall("processors are limited", limited, " ".join(cpu) or "not known", CGROUP)


def _limited(name: str, text: str | None, most: int) -> Wall:
    holds = text is not None and text.isdigit() and int(text) <= min(most, UNCONFINED)
    return _wall(f"a limit of {name}", holds, f"{text}, at most {most}", CGROUP)


def _first(found: list[str]) -> str:
    return ", ".join(found[:3]) + (", …" if len(found) > 3 else "") or "none"  # noqa: PLR2004  (enough to see)


def _wall(name: str, holds: bool, detail: str, help_: str) -> Wall:
    return Wall(name=name, holds=holds, detail=detail, help=None if holds else help_)
