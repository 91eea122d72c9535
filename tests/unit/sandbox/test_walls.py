import copy
from typing import Any

import pytest

from labrun.domain.lab import Limits
from labrun.sandbox import settings
from labrun.sandbox.explorer import CALLS, FAMILIES, READ_ONLY
from labrun.sandbox.walls import FIRST, judged

LIMITS = Limits(wall_seconds=30, memory_mb=512, pids=64, output_mb=4)
SEEN: dict[str, Any] = {
    "uid": 495650,
    "groups": [495650],
    "caps": ["0000000000000000"] * 4,
    "no_new_privs": "1",
    "seccomp": "2",
    "namespaces": {name: f"{name}:[4026532254]" for name in FIRST},
    "interfaces": ["lo"],
    "address": "EPERM",
    "name": "no such name (-3)",
    "families": dict.fromkeys(FAMILIES, "EPERM"),
    "calls": dict.fromkeys(CALLS, "EPERM"),
    "read_only": {name: [True, "EROFS"] for name in READ_ONLY},
    "mounts": [
        ["/", "/", "ro,relatime", "overlay"],
        ["/proc/keys", "/null", "rw,nosuid", "tmpfs"],
        ["/tmp", "/", "rw,noexec", "tmpfs"],
        ["/run/labrun", "/tmp/labrun-x", "ro,relatime", "ext4"],
        ["/etc/hosts", "/var/lib/x/hosts", "ro,relatime", "ext4"],
    ],
    "masked": ["/proc/keys", "/proc/kcore"],
    "blocks": [],
    "setuid": [],
    "engines": [],
    "environment": ["HOME", "LANG", "PATH", "OMP_NUM_THREADS"],
    "cgroup": {
        "memory": str(512 << 20),
        "memory and swap": "0",
        "processes": "64",
        "cpu": "100000 100000",
    },
    "swaps": 1,
    "nofile": 1024,
    "core": 0,
    "children": "EAGAIN",
    "flags": {path: ["nosuid", "nodev", "noexec"] for path in settings.SPACES},
    "bytes": dict.fromkeys(settings.SPACES, "ENOSPC"),
    "inodes": {"/tmp": "ENOSPC"},
}


def missing(**changes: Any) -> set[str]:
    return {
        wall.name for wall in judged({**copy.deepcopy(SEEN), **changes}, LIMITS) if not wall.holds
    }


def test_a_sandbox_as_labrun_makes_it_holds() -> None:
    assert missing() == set()


@pytest.mark.parametrize(
    ("changes", "wall"),
    [
        ({"uid": 1000}, "an unprivileged user"),
        ({"groups": [0]}, "an unprivileged user"),
        ({"caps": ["0", "0", "0000003fffffffff", "0"]}, "no capabilities"),
        ({"no_new_privs": "0"}, "no new privileges"),
        ({"seccomp": "0"}, "system call filter"),
        ({"namespaces": {}}, None),
        ({"interfaces": ["eth0", "lo"]}, "no network"),
        ({"address": "allowed"}, "no network by address"),
        ({"address": "ECONNREFUSED"}, "no network by address"),
        ({"name": "allowed"}, "no network by name"),
        ({"families": {"vsock": "allowed"}}, "no vsock sockets"),
        ({"calls": {"io_uring": "EFAULT"}}, "no io_uring"),
        ({"calls": {"unshare": "allowed"}}, "no unshare"),
        ({"read_only": {"root": [False, "EACCES"]}}, "read-only: root"),
        ({"read_only": {"root": [True, "allowed"]}}, "read-only: root"),
        ({"mounts": [["/data", "/", "ro", "ext4"]]}, "nothing of the host mounted"),
        ({"mounts": [["/run/labrun", "/", "rw", "x"]]}, "nothing of the host mounted"),
        ({"mounts": []}, "the kernel's files are masked"),
        ({"blocks": ["/dev/vda"]}, "no block devices"),
        ({"setuid": ["/bin/su"]}, "no setuid programs"),
        ({"engines": ["/run/docker.sock"]}, "no engine's socket"),
        ({"environment": ["AWS_SECRET"]}, "a bare environment"),
        ({"bytes": {"/out": "allowed"}}, "/out has a size"),
        ({"inodes": {"/out": "allowed"}}, "/out has few inodes"),
        ({"flags": {"/tmp": ["nosuid"]}}, "/tmp runs nothing"),
        ({"children": "allowed"}, "processes are limited"),
        ({"cgroup": {**SEEN["cgroup"], "memory": "max"}}, "a limit of memory"),
        ({"cgroup": {**SEEN["cgroup"], "memory": "9223372036854771712"}}, "a limit of memory"),
        ({"cgroup": {**SEEN["cgroup"], "memory and swap": None}}, "a limit of memory and swap"),
        ({"cgroup": {**SEEN["cgroup"], "processes": "max"}}, "a limit of pids"),
        ({"cgroup": {**SEEN["cgroup"], "cpu": "max 100000"}}, "processors are limited"),
        ({"cgroup": {**SEEN["cgroup"], "cpu": "-1"}}, "processors are limited"),
        ({"nofile": 1048576}, "open files are limited"),
        ({"core": -1}, "no core files"),
    ],
)  # fmt: skip
def test_what_was_seen_says_which_wall_is_missing(
    changes: dict[str, Any], wall: str | None
) -> None:
    if wall is None:
        assert all(name.startswith("own namespace") for name in missing(**changes))
    else:
        assert wall in missing(**changes)


@pytest.mark.parametrize("name", FIRST)
def test_the_host_s_own_namespace_is_known_by_its_number(name: str) -> None:
    namespaces = {**SEEN["namespaces"], name: f"{name}:[{FIRST[name]}]"}
    assert missing(namespaces=namespaces) == {f"own namespace: {name}"}


def test_without_any_swap_there_is_nothing_to_limit() -> None:
    cgroup = {**SEEN["cgroup"], "memory and swap": None}
    assert missing(cgroup=cgroup, swaps=0) == set()


def test_every_wall_that_is_missing_comes_with_advice() -> None:
    seen = {**copy.deepcopy(SEEN), "uid": 0, "seccomp": "0", "setuid": ["/bin/su"], "core": 1}
    walls = list(judged(seen, LIMITS))
    assert all(bool(wall.help) is not wall.holds for wall in walls)
