"""The allow-list of system calls: all that were known when it was written, less what is denied.

The default answer is EPERM, so a call added to the kernel later is refused until it is listed.
"""

import json
from importlib import resources
from typing import Any

CLONE_NAMESPACES = 0x7E020000
AF_UNIX, AF_INET, AF_INET6 = 1, 2, 10
ENOSYS = 38

# Not namespaced, kernel attack surface, or never needed by a lab.
DENIED_NAMES = """
io_uring_setup io_uring_enter io_uring_register keyctl add_key request_key bpf
perf_event_open userfaultfd ptrace process_vm_readv process_vm_writev process_madvise
pidfd_getfd kcmp unshare setns mount umount2 pivot_root chroot open_tree move_mount fsopen
fsconfig fsmount fspick mount_setattr open_tree_attr open_by_handle_at name_to_handle_at
init_module finit_module delete_module create_module query_module get_kernel_syms
kexec_load kexec_file_load reboot swapon swapoff acct quotactl quotactl_fd nfsservctl
lookup_dcookie uselib ustat sysfs _sysctl syslog vhangup vserver afs_syscall tuxcall
security putpmsg getpmsg iopl ioperm modify_ldt settimeofday clock_settime adjtimex
clock_adjtime sethostname setdomainname fanotify_init fanotify_mark personality mknod
mknodat memfd_secret migrate_pages move_pages set_mempolicy_home_node statmount listmount
lsm_set_self_attr lsm_get_self_attr lsm_list_modules clone clone3 socket socketpair
"""
DENIED = frozenset(DENIED_NAMES.split())


def known() -> list[str]:
    """Return the names of the system calls of x86-64, from the kernel's own header."""
    text = resources.files("labrun.sandbox").joinpath("syscalls.txt").read_text(encoding="ascii")
    return text.split()


def profile(*, loopback: bool) -> dict[str, Any]:
    """Return the engine's seccomp profile; ``loopback`` adds TCP sockets, which see no network."""
    families = (AF_UNIX, AF_INET, AF_INET6) if loopback else (AF_UNIX,)
    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": 1,
        "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
        "syscalls": [
            {"names": sorted(set(known()) - DENIED), "action": "SCMP_ACT_ALLOW"},
            _clone_without_namespaces(),
            {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": ENOSYS},
            *[_socket_family(family) for family in families],
        ],
    }


def as_option(*, loopback: bool) -> str:
    """Return the profile as the engine takes it."""
    return json.dumps(profile(loopback=loopback), separators=(",", ":"))


def _clone_without_namespaces() -> dict[str, Any]:
    mask = {"index": 0, "value": CLONE_NAMESPACES, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}
    return {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [mask]}


def _socket_family(family: int) -> dict[str, Any]:
    args = [{"index": 0, "value": family, "op": "SCMP_CMP_EQ"}]
    return {"names": ["socket", "socketpair"], "action": "SCMP_ACT_ALLOW", "args": args}
