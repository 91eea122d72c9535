"""What an author writes in ``lab.yaml``."""

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from labrun.domain.audit import FlawName
from labrun.domain.record import FileName, Record, Slug

Scalar = bool | int | float | str
Entry = Literal["call", "run", "read", "open"]
# What a phase of each kind of submission may be: a notebook is run as the module of its name.
ENTRIES: dict[str, tuple[Entry, ...]] = {
    "code": ("call", "run"),
    "notebook": ("call", "run"),
    "predictions": ("read",),
    "model": ("open",),
}
LATER = ("read", "open", "id", "columns")  # keys that older evidence was gathered without
Expected = Literal["passed", "failed"]


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Names = Annotated[tuple[Slug, ...], BeforeValidator(_listed)]


class Limits(Record):
    """What one phase may use; the sandbox enforces every field."""

    wall_seconds: float = Field(
        default=60, gt=0, le=3600, description="seconds on the host's clock"
    )
    memory_mb: int = Field(default=1024, ge=64, le=1 << 20, description="memory, swap included")
    cpus: float = Field(default=1, gt=0, le=1024, description="processors, as a share of time")
    pids: int = Field(default=128, ge=8, le=32_768, description="processes and threads")
    output_mb: int = Field(default=32, gt=0, le=64, description="size of what the phase returns")
    loopback: bool = Field(default=False, description="allow TCP to the container itself")


class LimitsPatch(Record):
    """The limits in which one phase differs from its lab."""

    wall_seconds: float | None = Field(default=None, gt=0, le=3600)
    memory_mb: int | None = Field(default=None, ge=64, le=1 << 20)
    cpus: float | None = Field(default=None, gt=0, le=1024)
    pids: int | None = Field(default=None, ge=8, le=32_768)
    output_mb: int | None = Field(default=None, gt=0, le=64)
    loopback: bool | None = None


class Phase(Record):
    """One call or command in a fresh sandbox."""

    name: Slug
    call: str | None = Field(default=None, pattern=r"^[A-Za-z_]\w*:[A-Za-z_]\w*$")
    run: tuple[str, ...] | None = Field(default=None, min_length=1)
    read: FileName | None = Field(default=None, description="a table that is handed in")
    open: FileName | None = Field(
        default=None, description="an ONNX model that is handed in; without input: its operators"
    )
    id: str | None = Field(default=None, min_length=1, description="its column of ids")
    columns: dict[str, Literal["number", "text"]] = Field(
        default={}, description="its other columns, and what they hold"
    )
    input: Names = Field(default=(), description="tables of the data set, or earlier phases")
    args: dict[str, Scalar] = Field(default={}, description="keyword arguments of the call")
    returns: Literal["model", "values"] | None = Field(
        default=None, description="default: model for the first of several phases, else values"
    )
    produces: FileName = Field(default="predictions.csv", description="what a command must write")
    seeded: bool = Field(
        default=False, description="pass a seed of the grader's: keyword `seed`, or --seed N"
    )
    limits: LimitsPatch = LimitsPatch()

    @model_validator(mode="after")
    def _one_entry(self) -> Self:
        keys = get_args(Entry)
        if sum(getattr(self, key) is not None for key in keys) != 1:
            msg = f"phase {self.name!r} needs one of: {', '.join(keys)}"
            raise ValueError(msg)
        _table_handed_in(self)
        return self

    @property
    def entry(self) -> Entry:
        """Return which of its keys says what it does."""
        keys: tuple[Entry, ...] = get_args(Entry)
        return next(key for key in keys if getattr(self, key) is not None)

    @property
    def asked(self) -> dict[str, Any]:
        """Return what the learner's part is asked: all but the limits, and only what is said."""
        return {
            name: value
            for name, value in self.model_dump(exclude={"limits"}).items()
            if name not in LATER or value
        }


class CheckSpec(Record):
    """One thing a grade depends on; further keys are the options of its ``type``."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: Slug
    type: str
    title: str | None = None
    points: float = Field(default=0, ge=0, le=1_000_000)
    gate: bool = Field(default=False, description="failing it fails the submission")
    needs: Names = Field(default=(), description="earlier checks that must pass first")
    reveal: Literal["all", "hint", "outcome"] = Field(
        default="all", description="what a learner is told of a failure"
    )

    @property
    def options(self) -> dict[str, Any]:
        """Return the keys that belong to the check's type."""
        return dict(self.model_extra or {})


class SubmissionRules(Record):
    """Which files a submission holds."""

    kind: Literal["code", "notebook", "predictions", "model"] = "code"
    require: tuple[str, ...] = Field(min_length=1)
    allow: tuple[str, ...] = ("*.py",)
    max_mb: float = Field(default=5, gt=0, le=25)
    max_files: int = Field(default=50, gt=0, le=200)


class Grading(Record):
    """When points become a pass."""

    pass_score: float = Field(default=70, ge=0, le=100)
    seeds: int = Field(default=1, ge=1, le=9, description="runs with other seeds; the mean counts")
    feedback: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="share of the hidden rows that is shown; the rest counts, at the close",
    )


class Attempts(Record):
    """How often a learner may be graded; null means no limit."""

    max: int | None = Field(default=None, gt=0)
    cooldown_minutes: float = Field(default=0, ge=0, le=525_600)
    invalid_max: int = Field(default=20, gt=0)


class Leaderboard(Record):
    """What learners are ranked by."""

    check: Slug
    step: Literal["none", "ladder"] = "none"


class Controls(Record):
    """Submissions with a known result, which prove the lab."""

    solution: Expected = "passed"
    baseline: Expected = "failed"
    cheats: dict[Slug, Slug] = Field(default={}, description="cheat folder: check that stops it")


class Use(Record):
    """What a lab may be used for, and what that rests on."""

    exam: bool = Field(default=True, description="false: for practice only; say why")
    why: str | None = Field(default=None, min_length=10, description="why not in an exam, measured")
    against: dict[Slug, Slug] = Field(
        default={}, description="check: the cheat that its mark keeps out, if not the baseline"
    )

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if not self.exam and self.why is None:
            msg = "a lab for practice only says why: give 'why' beside 'exam: false'"
            raise ValueError(msg)
        return self


class Audit(Record):
    """What `labrun lab audit` is told: what belongs together, and which flaws are meant."""

    groups: str | None = Field(
        default=None, description="the feature whose rows belong together: a user, a patient"
    )
    allow: dict[FlawName, Annotated[str, Field(min_length=8)]] = Field(
        default={}, description="flaw: the reason for which it may stay"
    )


class Lab(Record):
    """One exercise."""

    schema_version: Literal["labrun/v1"] = Field(alias="schema")
    slug: Slug
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    title: str = Field(min_length=3)
    track: Slug
    objectives: tuple[str, ...] = ()
    prerequisites: tuple[Slug, ...] = ()
    minutes: int = Field(gt=0)
    image: Slug = "cpu"
    dataset: Slug | None = None
    submission: SubmissionRules
    limits: Limits = Limits()
    phases: tuple[Phase, ...] = ()
    checks: tuple[CheckSpec, ...] = Field(min_length=1)
    grading: Grading = Grading()
    attempts: Attempts = Attempts()
    leaderboard: Leaderboard | None = None
    controls: Controls = Controls()
    audit: Audit = Audit()
    use: Use = Use()

    @model_validator(mode="after")
    def _names_resolve(self) -> Self:
        _no_twins("phase", [phase.name for phase in self.phases])
        _no_twins("check", [check.id for check in self.checks])
        if self.grading.seeds > 1 and not any(phase.seeded for phase in self.phases):
            msg = f"grading.seeds is {self.grading.seeds}, but no phase is 'seeded: true'"
            raise ValueError(msg)
        seen: set[str] = set()
        for check in self.checks:
            if missing := sorted(set(check.needs) - seen):
                msg = f"check {check.id!r} needs {missing[0]!r}, but no earlier check is called so"
                raise ValueError(msg)
            seen.add(check.id)
        stops = {*self.controls.cheats.values()}
        if self.leaderboard:
            stops.add(self.leaderboard.check)
        if missing := sorted(stops - seen):
            msg = f"there is no check called {missing[0]!r}"
            raise ValueError(msg)
        _against_cheats(self.use, self.controls)
        _of_its_kind(self.submission, self.phases)
        return self

    def limits_of(self, phase: Phase) -> Limits:
        """Return the limits of one phase: the lab's, with what the phase changes."""
        return self.limits.model_copy(update=phase.limits.model_dump(exclude_none=True))

    def returns_of(self, phase: Phase) -> Literal["model", "values"]:
        """Return what a phase hands on: the first of several phases makes the model."""
        if phase.returns:
            return phase.returns
        first_of_several = (
            len(self.phases) > 1 and phase is self.phases[0] and phase.entry in ("call", "run")
        )
        return "model" if first_of_several else "values"

    def chain(self, name: str) -> tuple[Phase, ...]:
        """Return the phases that the phase called ``name`` rests on, in order, itself the last."""
        wanted = {name}
        kept: list[Phase] = []
        for phase in reversed(self.phases):
            if phase.name in wanted or (kept and self.returns_of(phase) == "model"):
                wanted |= set(phase.input)
                kept.append(phase)
        return tuple(reversed(kept))

    @property
    def ladder(self) -> bool:
        """Return whether what a learner is shown moves by clear improvements only."""
        return self.leaderboard is not None and self.leaderboard.step == "ladder"

    @property
    def points(self) -> float:
        """Return the points a submission can earn."""
        return sum(check.points for check in self.checks)


def _table_handed_in(phase: Phase) -> None:
    if phase.open and (len(phase.input) > 1 or phase.seeded or phase.returns == "model"):
        msg = f"phase {phase.name!r} opens a model: 'input' is one table, or none"
        raise ValueError(msg)
    if phase.read is None:
        if phase.id or phase.columns:
            msg = f"phase {phase.name!r} has 'id' or 'columns', which go with 'read'"
            raise ValueError(msg)
        return
    if phase.id is None or not phase.columns or phase.id in phase.columns:
        msg = f"phase {phase.name!r} reads a table: give 'id', and the other 'columns'"
        raise ValueError(msg)
    if len(phase.input) != 1 or phase.seeded or phase.args or phase.returns == "model":
        msg = f"phase {phase.name!r} reads a table: 'input' is the table with the ids, no more"
        raise ValueError(msg)


def _of_its_kind(rules: SubmissionRules, phases: tuple[Phase, ...]) -> None:
    entries = ENTRIES[rules.kind]
    if rules.kind == "notebook" and not any(each.endswith(".ipynb") for each in rules.require):
        msg = "a submission of kind 'notebook' requires a file .ipynb: see submission.require"
        raise ValueError(msg)
    for phase in phases:
        if phase.entry not in entries:
            one = " or ".join(repr(each) for each in entries)
            msg = f"a submission of kind {rules.kind!r} has phases with {one}: see {phase.name!r}"
            raise ValueError(msg)
        handed_in = phase.read or phase.open
        if handed_in and handed_in not in rules.require:
            msg = f"phase {phase.name!r} needs {handed_in!r}, which submission.require lacks"
            raise ValueError(msg)


def _no_twins(kind: str, names: list[str]) -> None:
    twins = sorted({name for name in names if names.count(name) > 1})
    if twins:
        msg = f"two {kind}s are called {twins[0]!r}"
        raise ValueError(msg)


def _against_cheats(use: Use, controls: Controls) -> None:
    for check, cheat in use.against.items():
        if controls.cheats.get(cheat) != check:
            msg = f"use.against: no cheat {cheat!r} stops at {check!r}: see controls.cheats"
            raise ValueError(msg)
