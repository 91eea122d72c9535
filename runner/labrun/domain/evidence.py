"""What the sandbox saw; a grade can always be recomputed from it."""

import enum

from labrun.domain.record import Record, Slug


class Ending(enum.StrEnum):
    """How a phase ended; each of these but NOT_RUN is the learner's doing."""

    DONE = "done"
    CRASHED = "crashed"
    TIMED_OUT = "timed-out"
    OUT_OF_MEMORY = "out-of-memory"
    NO_OUTPUT = "no-output"
    INVALID_OUTPUT = "invalid-output"
    NOT_RUN = "not-run"


class LearnerError(Record):
    """What learner code raised, as the sandbox reported it: printable, bounded, testimony only."""

    type: str
    message: str
    where: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


class PhaseResult(Record):
    """One phase, as the host observed it.

    ``output`` is a wire frame (values) or opaque bytes (a model); ``order[i]`` is the row of the
    data that stood at row ``i`` of what the phase was given.
    """

    phase: Slug
    ending: Ending
    detail: str = ""
    exit_code: int | None = None
    queued_seconds: float = 0
    warm: bool = False
    seconds: float = 0
    cpu_seconds: float | None = None
    memory_mb: float | None = None
    memory_limit_mb: int | None = None
    error: LearnerError | None = None
    log: str = ""
    output: bytes | None = None
    order: tuple[int, ...] | None = None


class UnitEnding(enum.StrEnum):
    """How one hidden test ended."""

    PASSED = "passed"
    WRONG = "wrong"
    RAISED = "raised"
    TIMED_OUT = "timed-out"
    OUT_OF_MEMORY = "out-of-memory"
    DIED = "died"
    PROTOCOL = "protocol"
    LAB_ERROR = "lab-error"


class UnitResult(Record):
    """One test of a `hidden-tests` check; ``message`` may hold hidden values: the author's."""

    test: str
    ending: UnitEnding
    points: float
    hint: str | None = None
    message: str = ""
    seconds: float = 0


class UnitRun(Record):
    """Every test of one `hidden-tests` check; complete only if each collected test reported."""

    check: Slug
    complete: bool
    results: tuple[UnitResult, ...]
    seconds: float = 0
    log: str = ""


class Variant(Record):
    """What was seen when phases ran once more, changed as ``check`` asked; see `VariantPlan`.

    ``check`` is None where the lab itself asked, for another of its seeds.
    """

    check: Slug | None
    name: str
    phases: tuple[PhaseResult, ...]


class Timing(Record):
    """One phase timed in turns with the lab's own solution, side by side in equal rounds.

    ``own`` and ``reference`` are seconds a row, round by round. ``idle_share`` is the processor
    time that the submission used while the other was timed, as a share of that time; None where
    it cannot be known. ``ended`` says how the submission came to an early end.
    """

    phase: Slug
    own: tuple[float, ...]
    reference: tuple[float, ...]
    idle_share: float | None = None
    ended: str = ""


class Evidence(Record):
    """Everything a grade may look at, of one submission on one split of the data."""

    lab: Slug
    submission: str
    split: str
    seed: int
    phases: tuple[PhaseResult, ...] = ()
    units: tuple[UnitRun, ...] = ()
    variants: tuple[Variant, ...] = ()
    reference: tuple[PhaseResult, ...] = ()  # of the lab's own solution, without its outputs
    timings: tuple[Timing, ...] = ()

    def phase(self, name: str) -> PhaseResult | None:
        """Return the result of the phase called ``name``, or None if it was never reached."""
        return next((result for result in self.phases if result.phase == name), None)

    def unit(self, check: str) -> UnitRun | None:
        """Return the tests of the check called ``check``, or None if they were never run."""
        return next((run for run in self.units if run.check == check), None)

    def variant(self, check: str | None, name: str) -> Variant | None:
        """Return a variant that ``check`` asked for, or None if it was never run."""
        found = (each for each in self.variants if (each.check, each.name) == (check, name))
        return next(found, None)

    def of(self, variant: Variant) -> "Evidence":
        """Return the same evidence with the phases of a variant in place of its own."""
        return self.model_copy(update={"phases": variant.phases, "variants": ()})
