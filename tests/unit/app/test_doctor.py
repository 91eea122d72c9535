from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import pytest

from labrun.app import doctor, doctor_engine
from labrun.app.doctor import summary
from labrun.app.doctor_engine import engine_findings
from labrun.app.doctor_kernel import SWITCHES, kernel_findings
from labrun.app.finding import Finding, State, found
from labrun.app.settings import Settings
from labrun.errors import SandboxError
from labrun.sandbox import images
from labrun.sandbox.engine import EngineFacts
from labrun.sandbox.images import ImageInfo
from labrun.sandbox.images_recipe import shim_hash
from labrun.sandbox.probes import Survey
from labrun.sandbox.walls import Wall

ENGINE = EngineFacts(
    id="X", version="20.10", system="Debian", kernel="6.1", machine="x86_64", storage="overlay2",
    cgroup="v2 (systemd)", security=("name=seccomp,profile=default",), runtimes=("runc",),
    runtime="runc", root="/nowhere", cpus=2, memory_mb=8000, swap_limit=True, pids_limit=True,
    warnings=(), ahead_seconds=0.01,
)  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path, labs=tmp_path, datasets=tmp_path, containers=tmp_path, learner="ada"
    )


def states(findings: Any) -> dict[str, State]:
    return {each.name: each.state for each in findings}


def engine(monkeypatch: pytest.MonkeyPatch, settings: Settings, **changes: Any) -> dict[str, State]:
    seen = ENGINE.model_copy(update=changes)
    monkeypatch.setattr(doctor_engine, "facts", lambda _: seen)
    findings = list(engine_findings(settings))
    assert all(bool(each.help) is (each.state != "ok") for each in findings)
    return states(findings)


def test_a_sound_engine_is_ok(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    assert set(engine(monkeypatch, settings).values()) == {"ok"}


@pytest.mark.parametrize(
    ("changes", "name", "state"),
    [
        ({"security": ()}, "seccomp", "failed"),
        ({"machine": "aarch64"}, "seccomp", "warning"),
        ({"swap_limit": False}, "control groups", "failed"),
        ({"ahead_seconds": 9.0}, "engine's clock", "warning"),
        ({"ahead_seconds": None}, "engine's clock", "warning"),
        ({"warnings": ("WARNING: no cpu cfs quota",)}, "engine's own warning", "warning"),
    ],
)
def test_what_an_engine_lacks_is_said(
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    changes: dict[str, Any],
    name: str,
    state: State,
) -> None:
    assert engine(monkeypatch, settings, **changes)[name] == state


@pytest.mark.parametrize(
    ("chosen", "runtimes", "told", "state"),
    [
        (None, ("runc",), "no gVisor", "ok"),
        (None, ("runc", "runsc"), "LABRUN_RUNTIME=runsc", "ok"),
        ("runsc", ("runc", "runsc"), "stands before the kernel", "ok"),
        ("runsc", ("runc",), "is not known", "failed"),
    ],
)
def test_gvisor_is_reported(
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    chosen: str | None,
    runtimes: tuple[str, ...],
    told: str,
    state: State,
) -> None:
    seen = ENGINE.model_copy(update={"runtimes": runtimes})
    monkeypatch.setattr(doctor_engine, "facts", lambda _: seen)
    chosen_by = settings.model_copy(update={"runtime": chosen})
    (runtime,) = [each for each in engine_findings(chosen_by) if each.name == "runtime"]
    assert told in runtime.detail
    assert runtime.state == state


def kernel(tick: float = 0.0, swaps: int = 0, **switches: str | None) -> dict[str, State]:
    named = {name.replace("__", "."): value for name, value in switches.items()}
    good = {name: switch.good[0] for name, switch in SWITCHES.items()}
    seen = {"switches": {**good, **named}, "tick": tick, "swaps": swaps}
    return states(kernel_findings(seen))


def test_a_hardened_kernel_is_ok() -> None:
    assert set(kernel().values()) == {"ok"}


def test_a_switch_that_nothing_else_stands_in_for_is_warned_of() -> None:
    assert kernel(kernel__randomize_va_space="0")["kernel.randomize_va_space"] == "warning"
    assert kernel(kernel__io_uring_disabled="0")["kernel.io_uring_disabled"] == "ok"
    assert kernel(kernel__kptr_restrict=None)["kernel.kptr_restrict"] == "ok"


def test_a_clock_that_is_being_set_is_warned_of() -> None:
    assert kernel(tick=0.3)["clock"] == "warning"


def test_the_summary_says_whether_an_exam_may_start() -> None:
    sound = [found("python", "3.11"), found("disk", "1 GB", state="warning", help="free some")]
    assert summary(sound).exam
    assert (
        summary(sound).sentence
        == "1 ok, 1 to look at, 0 failed: every wall holds, exams can be held here"
    )
    weak = [*sound, Finding(name="wall: no mount", state="failed", detail="EFAULT", help="x")]
    assert not summary(weak).exam
    assert summary(weak).sentence.endswith("exams are refused here (wall: no mount)")
    stale = [*sound, Finding(name="images", state="failed", detail="none is built", help="x")]
    assert summary(stale).sentence.endswith("put right first: images")


def test_a_part_that_cannot_be_examined_hides_no_other(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    def gone(_: Any) -> Any:
        msg = "no Docker engine answers"
        raise SandboxError(msg, help="start Docker")

    def refused(_: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor, "engine_findings", gone)
    monkeypatch.setattr(doctor, "_images", refused)
    monkeypatch.setattr(doctor, "_walls", gone)
    findings = {each.name: each for each in doctor.examine(settings)}
    assert findings["engine"].help == "start Docker"
    assert findings["images"].state == findings["sandbox"].state == "failed"
    assert findings["python"].state == "ok"


def test_labs_are_counted_where_they_are_looked_for(settings: Settings) -> None:
    here = settings.model_copy(update={"labs": Path(__file__).parents[3] / "labs"})
    (finding,) = doctor._labs(here)
    number = len(list(here.labs.glob("*/lab.yaml")))
    assert (finding.state, finding.detail) == ("ok", f"{number} in {here.labs}")


def test_a_library_that_grades_need_and_lack_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "NEEDED", ("pytest", "no-such-library", "nor-this-one"))
    (finding,) = doctor._libraries()
    assert (finding.state, finding.detail) == ("failed", "missing: no-such-library, nor-this-one")
    monkeypatch.setattr(doctor, "NEEDED", ("pytest",))
    (finding,) = doctor._libraries()
    assert finding.state == "ok"
    assert finding.detail.startswith("pytest ")


class Board:
    """A ledger in which some grades wait."""

    def __init__(self, waiting: int) -> None:
        self._waiting = waiting

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was opened."""

    def pending(self) -> tuple[str, ...]:
        return ("grade",) * self._waiting


@pytest.mark.parametrize(("waiting", "state"), [(0, "ok"), (3, "warning")])
def test_grades_that_wait_for_mlflow_are_worth_a_look(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, waiting: int, state: State
) -> None:
    monkeypatch.setattr(doctor, "open_ledger", lambda _: Board(waiting))
    home, disk = doctor._home(settings)
    assert (home.name, home.state) == ("home", state)
    assert (f"{waiting} grades wait" in home.detail) is bool(waiting)
    assert disk.name == "disk"


def image(*, shim: str) -> ImageInfo:
    return ImageInfo(
        name="cpu", tag="labrun/cpu", digest="sha256:1234", size=1, created="", lock="", shim=shim
    )


def test_an_image_of_an_older_labrun_is_to_be_built_again(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(images, "known", lambda _: ["cpu", "torch"])
    found: dict[str, ImageInfo] = {}
    monkeypatch.setattr(images, "find", lambda name, **_: found.get(name))
    (none,) = doctor._images(settings)
    assert (none.state, none.help) == ("failed", "run: labrun image build cpu")
    found["cpu"] = image(shim="an older one")
    (stale,) = doctor._images(settings)
    assert (stale.name, stale.state) == ("image: cpu", "failed")
    assert stale.detail == "out of date: sha256:1234"
    found["cpu"] = image(shim=shim_hash())
    assert states(doctor._images(settings)) == {"image: cpu": "ok"}


def test_every_wall_is_reported_and_the_kernel_where_something_was_seen(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    missed = Wall(name="no mount", holds=False, detail="it mounted", help="update the engine")
    held = Wall(name="timed-out", holds=True, detail="killed")
    sandbox = SimpleNamespace(official=True, name="docker")
    monkeypatch.setattr(doctor, "open_sandbox", lambda *_: sandbox)
    monkeypatch.setattr(doctor, "survey", lambda *_: Survey(seen={}, walls=(missed,)))
    monkeypatch.setattr(doctor, "endings", lambda *_: iter((held,)))
    first, last = doctor._walls(settings)
    assert (first.name, first.state, first.help) == (
        "wall: no mount", "failed", "update the engine",
    )  # fmt: skip
    assert (last.name, last.state) == ("wall: timed-out", "ok")


def test_the_process_sandbox_fails_the_examination(settings: Settings) -> None:
    process = settings.model_copy(update={"sandbox": "process"})
    (finding,) = doctor._walls(process)
    assert (finding.name, finding.state) == ("sandbox", "failed")
