"""Look at the sandbox from inside, as learner code could; what is seen is judged outside.

Sent into a container as if it were a submission, so it needs nothing but Python's own library.
"""

import ctypes
import errno
import os
import resource
import signal
import socket
import stat
import time
from typing import Any

ALLOWED = "allowed"
MIB = 1 << 20
# Numbers of x86-64; the arguments are such that without a filter the answer is not EPERM.
CLONE_NEWUSER_AND_FS = 0x10000200
CALLS: dict[str, tuple[int, ...]] = {
    "io_uring": (425, 8, 0),
    "keyring": (250, 0, -3, 1),
    "bpf": (321, 0, 0, 64),
    "ptrace": (101, 1, -1, 0, 0),
    "unshare": (272, 0),
    "setns": (308, -1, 0),
    "namespaces by clone": (56, CLONE_NEWUSER_AND_FS | signal.SIGCHLD, 0, 0, 0, 0),
    "mount": (165, 0, 0, 0, 0, 0),
    "perf_event": (298, 0, 0, -1, -1, 0),
    "userfaultfd": (323, 1),
    "process_vm_readv": (310, 1, 0, 0, 0, 0, -1),
    "pidfd_getfd": (438, -1, 0, 0),
    "open_by_handle_at": (304, -1, 0, 0),
    "mknod": (133, 0, 0, 0),
    "chroot": (161, 0),
    "kernel log": (103, 3, 0, 0),
}
FAMILIES = {
    "inet": (2, socket.SOCK_STREAM),
    "inet6": (10, socket.SOCK_STREAM),
    "vsock": (40, socket.SOCK_STREAM),
    "netlink": (16, socket.SOCK_RAW),
    "alg": (38, socket.SOCK_SEQPACKET),
    "packet": (17, socket.SOCK_RAW),
    "bluetooth": (31, socket.SOCK_RAW),
}
CGROUPS = "/sys/fs/cgroup"
MEMORY_V1 = f"{CGROUPS}/memory"
READ_ONLY = {
    "root": ("/", "/probe"),
    "shim": ("/opt/labrun", "/opt/labrun/shim.py"),
    "etc": ("/etc/hosts", "/etc/hosts"),
    "sysctl": ("/proc/sys", "/proc/sys/kernel/core_pattern"),
    "sysrq": ("/proc/sysrq-trigger", "/proc/sysrq-trigger"),
    "cgroup": (MEMORY_V1 if os.path.isdir(MEMORY_V1) else CGROUPS, f"{CGROUPS}/probe"),
    "sys": ("/sys", "/sys/kernel/mm/probe"),
}
MASKED = ("/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware")
ENGINES = ("/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock")
CGROUP = {
    "memory": ("memory.max", "memory/memory.limit_in_bytes"),
    "memory and swap": ("memory.swap.max", "memory/memory.memsw.limit_in_bytes"),
    "processes": ("pids.max", "pids/pids.max"),
    "cpu": ("cpu.max", "cpu/cpu.cfs_quota_us"),
}
SWITCHES = (
    "kernel.unprivileged_userns_clone",
    "user.max_user_namespaces",
    "kernel.yama.ptrace_scope",
    "kernel.io_uring_disabled",
    "kernel.unprivileged_bpf_disabled",
    "kernel.perf_event_paranoid",
    "kernel.kptr_restrict",
    "kernel.dmesg_restrict",
    "kernel.randomize_va_space",
    "vm.unprivileged_userfaultfd",
    "fs.protected_hardlinks",
    "fs.protected_symlinks",
    "kernel.core_pattern",
)
MOUNT_POINT, AFTER_DASH = 4, 1


def look(spaces: dict[str, list[int]], children: int) -> dict[str, Any]:
    """Return everything that is seen; nothing is judged here.

    ``spaces`` says how many MiB and how many files to try in each folder: one more than it holds.
    """
    status = _status()
    return {
        "uid": os.getuid(),
        "groups": os.getgroups(),
        "caps": [status[name] for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb")],
        "no_new_privs": status["NoNewPrivs"],
        "seccomp": status["Seccomp"],
        "namespaces": {name: os.readlink(f"/proc/self/ns/{name}") for name in _namespaces()},
        "interfaces": sorted(os.listdir("/sys/class/net")),
        "address": _attempt(_route),
        "name": _attempt(_name),
        "families": {name: _attempt(_family, *each) for name, each in FAMILIES.items()},
        "calls": {name: _call(*each) for name, each in CALLS.items()},
        "read_only": {name: _read_only(*each) for name, each in READ_ONLY.items()},
        "mounts": _mounts(),
        "masked": [path for path in MASKED if os.path.lexists(path)],
        "blocks": _blocks(),
        "setuid": _setuid(),
        "engines": [path for path in ENGINES if os.path.lexists(path)],
        "environment": sorted(os.environ),
        "cgroup": {name: _first(*paths) for name, paths in CGROUP.items()},
        "nofile": resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        "core": resource.getrlimit(resource.RLIMIT_CORE)[1],
        "children": _attempt(_children, children),
        "flags": {path: _flags(path) for path in spaces},
        "bytes": {path: _attempt(_fill, path, mib) for path, (mib, _) in spaces.items()},
        "inodes": {path: _attempt(_inodes, path, n) for path, (_, n) in spaces.items() if n},
        "switches": {name: _read("/proc/sys/" + name.replace(".", "/")) for name in SWITCHES},
        "swaps": max(0, (_read("/proc/swaps") or "").count("\n")),
        "release": os.uname().release,
        "machine": os.uname().machine,
        "time": time.time(),
        "tick": _tick(),
    }


def hog(most_mib: int) -> str:
    """Take memory until killed, or until ``most_mib``, so that a missing limit harms nobody."""
    held = [bytearray(8 * MIB) for _ in range(most_mib // 8)]
    return f"was given {8 * len(held)} MiB"


def spin() -> None:
    """Run for ever, deaf to every signal that can be blocked."""
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    while True:
        pass


def _status() -> dict[str, str]:
    with open("/proc/self/status", encoding="ascii", errors="replace") as file:
        pairs = (line.split(":", 1) for line in file if ":" in line)
        return {name: value.strip() for name, value in pairs}


def _namespaces() -> list[str]:
    return [name for name in sorted(os.listdir("/proc/self/ns")) if "_for_" not in name]


def _attempt(action: Any, *args: Any) -> str:
    try:
        action(*args)
    except socket.gaierror as error:
        return f"no such name ({error.errno})"
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, "?")
    return ALLOWED


def _route() -> None:
    # A datagram socket asks only whether a route exists; nothing is sent. TEST-NET-1 is nobody's.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))


def _name() -> None:
    os.environ["RES_OPTIONS"] = "timeout:1 attempts:1"
    socket.getaddrinfo("example.org", 80)


def _family(number: int, kind: int) -> None:
    socket.socket(number, kind).close()


def _call(number: int, *args: int) -> str:
    libc = ctypes.CDLL(None, use_errno=True)
    done = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(each) for each in args])
    return ALLOWED if done >= 0 else errno.errorcode.get(ctypes.get_errno(), "?")


def _read_only(mount: str, path: str) -> list[Any]:
    """Return whether the mount is read-only, and what a write says."""
    if not os.path.lexists(mount):
        return [True, "ENOENT"]
    return [bool(os.statvfs(mount).f_flag & os.ST_RDONLY), _attempt(_write, path)]


def _write(path: str) -> None:
    with open(path, "a", encoding="ascii"):
        pass


def _mounts() -> list[list[str]]:
    """Return mount point, root within its device, options and type of every mount."""
    found = []
    with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as file:
        for line in file:
            fields = line.split()
            kind = fields[fields.index("-") + AFTER_DASH]
            found.append([fields[MOUNT_POINT], fields[MOUNT_POINT - 1], fields[5], kind])
    return found


def _blocks() -> list[str]:
    found = [os.path.join(root, name) for root, _, names in os.walk("/dev") for name in names]
    return [path for path in found if stat.S_ISBLK(os.lstat(path).st_mode)]


def _setuid() -> list[str]:
    """Return programs that give more rights to whoever runs them: by mode, or by capability."""
    found = []
    for top in ("/bin", "/sbin", "/usr", "/opt", "/lib", "/srv", "/home", "/root", "/mnt"):
        for root, _, names in os.walk(top):
            paths = (os.path.join(root, name) for name in names)
            found += [path for path in paths if _gives_rights(path)]
    return found


def _gives_rights(path: str) -> bool:
    try:
        seen = os.lstat(path)
        if not stat.S_ISREG(seen.st_mode):
            return False
        if seen.st_mode & 0o6000:
            return True
        return bool(seen.st_mode & 0o111) and "security.capability" in os.listxattr(path)
    except OSError:
        return False


def _first(*paths: str) -> str | None:
    found = (_read(f"{CGROUPS}/{path}") for path in paths)
    return next((text for text in found if text is not None), None)


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read(4096).strip()
    except OSError:
        return None


def _children(count: int) -> None:
    pids = []
    try:
        for _ in range(count):
            pid = os.fork()
            if pid == 0:
                time.sleep(5)
                os._exit(0)
            pids.append(pid)
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _flags(path: str) -> list[str]:
    flags = os.statvfs(path).f_flag
    wanted = {"nosuid": os.ST_NOSUID, "nodev": os.ST_NODEV, "noexec": os.ST_NOEXEC}
    return [name for name, flag in wanted.items() if flags & flag]


def _fill(folder: str, mib: int) -> None:
    path = os.path.join(folder, "full")
    block = bytes(MIB)
    try:
        with open(path, "wb") as file:
            file.writelines(block for _ in range(mib))
    finally:
        if os.path.exists(path):
            os.unlink(path)


def _inodes(folder: str, count: int) -> None:
    made = []
    try:
        for number in range(count):
            path = os.path.join(folder, f"f{number}")
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
            made.append(path)
    finally:
        for path in made:
            os.unlink(path)


def _tick() -> float:
    """Return how far the wall clock and the steady one part in a fifth of a second."""
    wall, steady = time.time(), time.monotonic()
    time.sleep(0.2)
    return abs((time.time() - wall) - (time.monotonic() - steady))
