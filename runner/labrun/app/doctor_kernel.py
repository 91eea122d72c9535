"""Examine the kernel learner code would meet, as it shows itself inside a container."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from labrun.app.finding import Finding, State, found

MOST_TICK = 0.05  # seconds in a fifth of a second: a clock that is being set, or a broken one


class _Switch(NamedTuple):
    """What a switch should be; ``filtered`` where the list of system calls refuses it anyway."""

    good: tuple[str, ...]
    filtered: bool
    help: str


SWITCHES = {
    "kernel.unprivileged_userns_clone": _Switch(("0",), True, "0"),
    "user.max_user_namespaces": _Switch(("0",), True, "0, unless rootless tools need it"),
    "kernel.yama.ptrace_scope": _Switch(("1", "2", "3"), True, "1"),
    "kernel.io_uring_disabled": _Switch(("1", "2"), True, "2"),
    "kernel.unprivileged_bpf_disabled": _Switch(("1", "2"), True, "2"),
    "kernel.perf_event_paranoid": _Switch(("2", "3", "4"), True, "3"),
    "vm.unprivileged_userfaultfd": _Switch(("0",), True, "0"),
    "kernel.dmesg_restrict": _Switch(("1",), True, "1"),
    "kernel.kptr_restrict": _Switch(("1", "2"), False, "1"),
    "kernel.randomize_va_space": _Switch(("2",), False, "2"),
    "fs.protected_hardlinks": _Switch(("1",), False, "1"),
    "fs.protected_symlinks": _Switch(("1",), False, "1"),
}


def kernel_findings(seen: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what the explorer saw of kernel and clock."""
    for name, switch in SWITCHES.items():
        yield _judged(name, seen["switches"].get(name), switch)
    pattern = seen["switches"].get("kernel.core_pattern") or "not known"
    yield found("kernel.core_pattern", f"{pattern}; learner code may write no core file")
    yield _swap(seen["swaps"])
    yield _clock(seen["tick"])


def _judged(name: str, value: str | None, switch: _Switch) -> Finding:
    if value is None:
        return found(name, "this kernel has no such switch")
    if value in switch.good:
        return found(name, value)
    if switch.filtered:
        return found(name, f"{value}; refused to learner code by the list of system calls")
    help_ = f"as root: sysctl -w {name}={switch.help}"
    return found(name, f"{value}, better {switch.help}", state="warning", help=help_)


def _swap(swaps: int) -> Finding:
    if not swaps:
        return found("swap", "none")
    return found("swap", f"{swaps} areas; a container gets none of it")


def _clock(tick: float) -> Finding:
    detail = f"the wall clock and the steady one part by {1000 * tick:.1f} ms in 200 ms"
    state: State = "ok" if tick <= MOST_TICK else "warning"
    help_ = "the clock is being set: wait until it is steady, then run this again"
    return found("clock", detail, state=state, help=help_)
