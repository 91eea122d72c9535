"""Run the lab's own solution in the session of a submission, where a mark is relative to it."""

from collections.abc import Sequence
from dataclasses import replace

from labrun.app.bench import Bench
from labrun.domain.evidence import Ending, PhaseResult, Timing
from labrun.domain.submission import Submission
from labrun.errors import LabError, SubmissionError
from labrun.sandbox import guests
from labrun.sandbox.phases import Job, run_phases
from labrun.sandbox.timing import Side, time_in_turns
from labrun.store.bundles import collect

SOLUTION = "solution"

Measured = tuple[tuple[PhaseResult, ...], tuple[Timing, ...]]


def measured(bench: Bench, job: Job, phases: Sequence[PhaseResult]) -> Measured:
    """Return the phases of the lab's own solution, and each timing in turns with it.

    Both are empty where no check asks, or where the submission came to no good end. The solution
    runs in containers of its own. Raises `LabError` where it does not run well.
    """
    whole = len(phases) == len(job.lab.phases) and all(each.output for each in phases)
    timed = bench.grader.timed
    if not whole or not (timed or bench.grader.needs_reference):
        return (), ()
    reference = replace(job, submission=_solution(bench))
    seen = _run(bench, reference) if bench.grader.needs_reference or _fits(job) else ()
    own = Side(job, _models(job, phases), {each.phase: each for each in phases})
    other = Side(reference, _models(job, seen))
    timings = [time_in_turns(name, own, other, bench.sandbox) for name in timed]
    return tuple(_bare(each) for each in seen), tuple(timings)


def _solution(bench: Bench) -> Submission:
    try:
        found = collect(bench.lab, bench.folder / SOLUTION).submission
    except SubmissionError as error:
        msg = f"the lab's own solution cannot be measured: {error}"
        raise LabError(msg, help=error.help) from None
    return guests.runnable(bench.lab, found)


def _run(bench: Bench, job: Job) -> tuple[PhaseResult, ...]:
    seen = run_phases(
        job,
        bench.sandbox,
        watch=lambda _: None,
        enter=lambda _: None,
        bury=lambda box: box.kill(),
    )
    broken = next((each for each in seen if each.ending is not Ending.DONE), None)
    if broken:
        msg = f"the lab's own solution ended badly in phase {broken.phase!r}: {broken.ending}"
        raise LabError(msg, help="run: labrun lab validate")
    return seen


def _fits(job: Job) -> bool:
    return any(job.lab.returns_of(each) == "model" for each in job.lab.phases)


def _models(job: Job, phases: Sequence[PhaseResult]) -> dict[str, bytes]:
    names = {each.name for each in job.lab.phases if job.lab.returns_of(each) == "model"}
    return {
        each.phase: each.output
        for each in phases
        if each.phase in names and each.output is not None
    }


def _bare(result: PhaseResult) -> PhaseResult:
    return result.model_copy(update={"output": None, "order": None, "log": "", "error": None})
