"""A wall that is taken away is seen to be missing, and no exam starts without it."""

import dataclasses
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from labrun.app import exam
from labrun.app.settings import Settings
from labrun.errors import RefusedError, SandboxError
from labrun.sandbox import owner, probes, seccomp, settings
from labrun.sandbox.backends.docker import DockerSandbox
from labrun.sandbox.backends.process import ProcessSandbox
from labrun.sandbox.labels import OWNER_LABEL
from labrun.sandbox.walls import Wall

HERE = Path(__file__).parent
LABELS = {OWNER_LABEL: owner.current().label()}

Change = Callable[[dict[str, Any], Path], dict[str, Any] | None]

pytestmark = pytest.mark.docker


@dataclasses.dataclass(frozen=True)
class Weakness:
    """A setting taken away, and the walls that must be missed then."""

    name: str
    walls: tuple[str, ...]
    host: Change = lambda host, _folder: host
    container: Change = lambda config, _folder: config
    seccomp: str | None = None
    as_root: bool = False


def without(name: str) -> Change:
    return lambda host, _folder: {key: value for key, value in host.items() if key != name}


def changed(**fields: Any) -> Change:
    return lambda host, _folder: {**host, **fields}


def secured(wanted: str) -> Change:
    """Keep of the security options the one that begins so."""
    return lambda host, _folder: {
        **host, "security_opt": [each for each in host["security_opt"] if each.startswith(wanted)]
    }  # fmt: skip


def space(path: str, options: str) -> Change:
    def change(host: dict[str, Any], _folder: Path) -> dict[str, Any]:
        return {**host, "tmpfs": {**host["tmpfs"], path: _space(host, path, options)}}

    return change


def _space(host: dict[str, Any], path: str, options: str) -> str:
    """Return the options of a space, those that are named replaced; ``exec`` drops its flags."""
    found = [each for each in host["tmpfs"][path].split(",") if each not in ("noexec", "nosuid")]
    names = {each.partition("=")[0] for each in options.split(",")}
    kept = [each for each in found if each.partition("=")[0] not in names]
    return ",".join([*kept, *options.split(",")])


def bound(inside: str, *, socket: bool = False) -> Change:
    """Bind a folder of the host with a setuid program in it; or the engine's own socket."""

    def change(host: dict[str, Any], folder: Path) -> dict[str, Any]:
        program = folder / "program"
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755 | stat.S_ISUID)
        source = "/var/run/docker.sock" if socket else str(folder)
        return {**host, "binds": [*host["binds"], f"{source}:{inside}"]}

    return change


FILTERED = ("io_uring", "keyring", "ptrace", "unshare", "setns", "mount", "mknod", "chroot")
WEAK = [
    Weakness("capabilities", ("no capabilities",), without("cap_drop")),
    Weakness("new-privileges", ("no new privileges",), secured("seccomp")),
    Weakness(
        "no-filter",
        ("system call filter", "no inet sockets", *(f"no {name}" for name in FILTERED)),
        changed(security_opt=["no-new-privileges:true", "seccomp=unconfined"]),
    ),
    Weakness("vsock", ("no vsock sockets",), seccomp="40"),
    Weakness("clone", ("no namespaces by clone",), seccomp="clone"),
    Weakness("root", ("an unprivileged user",), as_root=True),
    Weakness(
        "network",
        ("no network", "no network by name"),
        changed(network_mode="host", extra_hosts={"example.org": "127.0.0.1"}),
        lambda config, _folder: {**config, "network_disabled": False, "hostname": None},
    ),
    Weakness("loopback", ("no inet sockets", "no inet6 sockets"), seccomp="loopback"),
    Weakness("writable-root", ("read-only: root",), changed(read_only=False)),
    Weakness(
        "privileged",
        (
            "read-only: sysctl",
            "read-only: cgroup",
            "the kernel's files are masked",
            "no block devices",
        ),
        changed(privileged=True),
    ),
    Weakness(
        "ipc",
        ("own namespace: ipc",),
        lambda host, _: {**host, "ipc_mode": "host", "shm_size": None},
    ),
    Weakness("pid", ("own namespace: pid",), changed(pid_mode="host")),
    Weakness(
        "uts",
        ("own namespace: uts",),
        changed(uts_mode="host"),
        lambda config, _: {**config, "hostname": None},
    ),
    Weakness("cgroup", ("own namespace: cgroup",), changed(cgroupns="host")),
    Weakness(
        "host-folder", ("nothing of the host mounted", "no setuid programs"), bound("/srv/host")
    ),
    Weakness("engine-socket", ("no engine's socket",), bound("/run/docker.sock", socket=True)),
    Weakness(
        "environment",
        ("a bare environment",),
        container=lambda config, _: {
            **config,
            "environment": {**config["environment"], "MLFLOW_TRACKING_URI": "x"},
        },
    ),
    Weakness("pids", ("processes are limited", "a limit of pids"), without("pids_limit")),
    Weakness("files", ("open files are limited", "no core files"), without("ulimits")),
    Weakness("processors", ("processors are limited",), without("nano_cpus")),
    Weakness("swap", ("a limit of memory and swap",), changed(memswap_limit=-1)),
    Weakness("tmp-bytes", ("/tmp has a size",), space("/tmp", "size=300m")),
    Weakness("out-inodes", ("/out has few inodes",), space("/out", "nr_inodes=5000")),
    Weakness("tmp-exec", ("/tmp runs nothing",), space("/tmp", "exec")),
    Weakness("shm", ("/dev/shm has a size",), changed(shm_size=300 << 20)),
    Weakness(
        "memory",
        ("a limit of memory", "out-of-memory"),
        lambda host, _: {**host, "mem_limit": 4 << 30, "memswap_limit": 4 << 30},
    ),
]


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="weak") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def weaken(weak: Weakness, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host, container, profile = settings.host_config, settings.container_config, seccomp.profile

    def with_weak_host(plan: settings.Plan) -> dict[str, Any]:
        found = weak.host(host(plan), folder) or {}
        return {name: value for name, value in found.items() if value is not None}

    def with_weak_container(plan: settings.Plan) -> dict[str, Any]:
        found = weak.container(container(plan), folder) or {}
        return {name: value for name, value in found.items() if value is not None}

    def with_weak_profile(*, loopback: bool) -> dict[str, Any]:
        found = profile(loopback=loopback or weak.seccomp == "loopback")
        if weak.seccomp == "clone":
            found["syscalls"].append({"names": ["clone"], "action": "SCMP_ACT_ALLOW"})
        if weak.seccomp == "40":
            found["syscalls"].append(seccomp._socket_family(40))
        return found

    monkeypatch.setattr(settings, "host_config", with_weak_host)
    monkeypatch.setattr(settings, "container_config", with_weak_container)
    monkeypatch.setattr(seccomp, "profile", with_weak_profile)
    if weak.as_root:
        monkeypatch.setattr(settings, "FIRST_UID", 0)
        monkeypatch.setattr(settings, "UIDS", 1)


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path / "home",
        labs=HERE / "lab/labs",
        datasets=HERE / "lab/datasets",
        containers=HERE.parents[1] / "containers",
        learner="mallory",
    )


@pytest.mark.parametrize("weak", WEAK, ids=lambda weak: weak.name)
def test_a_wall_that_is_taken_away_is_missed_and_no_exam_starts(
    weak: Weakness, folder: Path, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    weaken(weak, folder, monkeypatch)
    sandbox = DockerSandbox()
    found = (*probes.survey(sandbox, LABELS).walls, *endings_of(weak, sandbox))
    missing = {wall.name: wall for wall in found if not wall.holds}
    assert set(weak.walls) <= set(missing), missing
    assert all(wall.help for wall in missing.values())
    monkeypatch.setattr(exam, "probe", lambda *_: iter(found))  # one container is enough
    with pytest.raises(SandboxError, match="an exam cannot start") as refused:
        exam.refuse_unfit(sandbox, home, lambda _: None)
    assert refused.value.exit_code == 4
    assert refused.value.help == "run: labrun doctor"
    assert not list(home.cache.rglob("*.json"))  # nothing is believed that did not hold
    sandbox.close()


def endings_of(weak: Weakness, sandbox: DockerSandbox) -> Iterator[Wall]:
    """Try how learner code is ended, where the test is about that: it takes seconds."""
    return probes.endings(sandbox, LABELS) if "out-of-memory" in weak.walls else iter(())


def test_walls_that_hold_are_believed_until_a_rule_changes(
    home: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = DockerSandbox()
    told: list[str] = []
    exam.refuse_unfit(sandbox, home, told.append)
    exam.refuse_unfit(sandbox, home, told.append)
    assert len(told) == 1  # the second time they were not tried
    weaken(WEAK[0], folder, monkeypatch)
    with pytest.raises(SandboxError, match="'no capabilities' does not hold"):
        exam.refuse_unfit(sandbox, home, told.append)
    sandbox.close()


def test_the_process_sandbox_holds_no_exam(home: Settings) -> None:
    with pytest.raises(RefusedError, match="isolates nothing"):
        exam.refuse_unfit(ProcessSandbox(), home, lambda _: None)
