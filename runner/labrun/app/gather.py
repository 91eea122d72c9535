"""Gather evidence: run a submission's phases, its further runs and its hidden tests."""

import contextlib
import itertools
import os
import secrets
import zlib
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace

from labrun.app.bench import Bench
from labrun.app.measured import measured
from labrun.app.progress import Progress
from labrun.app.side_by_side import Places, Testers, Undertaker
from labrun.domain.evidence import Evidence, PhaseResult, UnitRun, Variant
from labrun.domain.lab import CheckSpec, Phase
from labrun.domain.submission import Submission
from labrun.domain.variant import VariantPlan
from labrun.sandbox import guests
from labrun.sandbox.phases import Job, model_of, run_phases
from labrun.sandbox.unit import UnitJob

HIDDEN_TESTS = "hidden-tests"
SIDE_BY_SIDE = 2  # boxes that learner code runs in at a time
SEED_BITS = 31  # what NumPy's and PyTorch's generators both take

Enter = Callable[[str], None]


def gather(
    bench: Bench,
    submission: Submission,
    *,
    labels: Mapping[str, str],
    progress: Progress,
    enter: Enter,
    seed: int | None = None,
) -> Evidence:
    """Run the submission and return what was seen; no answer is read here.

    ``enter`` is told of each step before it counts. ``seed`` decides what the grader draws; where
    none is given, nobody can know it. Raises `SandboxError` for faults that are not the learner's.
    """
    seed = secrets.randbits(62) if seed is None else seed
    job = Job(
        lab=bench.lab,
        submission=guests.runnable(bench.lab, submission),
        frame=lambda name: bench.tables.input_frame(name, bench.split),
        shuffled=_row_aligned(bench),
        seed=seed,
        labels=labels,
        learner_seed=_learner_seed(seed, 0),
    )
    with contextlib.ExitStack() as stack:
        tested = any(spec.type == HIDDEN_TESTS for spec in bench.lab.checks)
        testers = Testers(bench.standby, ahead=tested)  # imports while the phases run
        stack.callback(testers.close)
        undertaker = stack.enter_context(Undertaker())
        places = stack.enter_context(Places(min(SIDE_BY_SIDE, os.cpu_count() or 1)))
        more = _More(bench, job, places, progress, testers, undertaker)
        ahead = {} if bench.grader.timed else more.ahead()  # what is timed runs by itself
        with places.one():
            phases = run_phases(
                job, bench.sandbox, watch=progress.phase, enter=enter, bury=undertaker.bury
            )
            reference, timings = measured(bench, job, phases)
        units, variants = more.rest(phases, ahead, enter)
        undertaker.close_after(units, testers.close)
    return Evidence(
        lab=bench.lab.slug,
        submission=submission.digest,
        split=bench.split,
        seed=seed,
        phases=phases,
        units=tuple(each.result() for each in units),
        variants=tuple(each.result() for each in variants),
        reference=reference,
        timings=timings,
    )


@dataclass(frozen=True)
class _More:
    """What runs beside the phases and once they are done."""

    bench: Bench
    job: Job
    places: Places
    progress: Progress
    testers: Testers
    undertaker: Undertaker

    @property
    def plans(self) -> tuple[tuple[str | None, VariantPlan], ...]:
        return tuple(self.bench.grader.plans)

    def ahead(self) -> dict[int, Future[Variant]]:
        """Begin with the further runs that rest on no phase: each trains a model of its own."""
        return {
            number: self.places.run(self._variant, check, plan, {})
            for number, (check, plan) in enumerate(self.plans)
            if plan.refit
        }

    def rest(
        self, phases: tuple[PhaseResult, ...], ahead: Mapping[int, Future[Variant]], enter: Enter
    ) -> tuple[list[Future[UnitRun]], list[Future[Variant]]]:
        """Begin with all else; where the phases did not end well, with what does not need them."""
        well = len(phases) == len(self.job.lab.phases) and all(each.output for each in phases)
        made = {each.phase: each.output for each in phases if each.output and self._models(each)}
        if not well:
            self.places.give_up()
            for each in ahead.values():
                each.cancel()
        tests = [
            spec
            for spec in self.bench.lab.checks
            if spec.type == HIDDEN_TESTS and (well or not spec.needs)
        ]
        plans = enumerate(self.plans if well else ())
        units: list[Future[UnitRun]] = []
        variants: list[Future[Variant]] = []
        # In turns: one tester, whose tests share a box, then has most of the tests.
        for spec, numbered in itertools.zip_longest(tests, plans):
            if spec:
                enter(spec.id)
                units.append(self.places.run(self._unit, spec, made))
            if numbered:
                number, (check, plan) = numbered
                enter(check or plan.name)
                begun = ahead.get(number)
                variants.append(begun or self.places.run(self._variant, check, plan, made))
        return units, variants

    def _unit(self, spec: CheckSpec, made: Mapping[str, bytes]) -> UnitRun:
        bench, job = self.bench, self.job
        names = bench.data.table_names(bench.split) if bench.data else ()
        tests = UnitJob(
            check=spec.id,
            tests=bench.folder / str(spec.options["path"]),
            files=job.submission.files,
            tables={name: bench.tables.table_path(name, bench.split) for name in names},
            limits=bench.lab.limits,
            labels=job.labels,
            seed=job.seed,
            model=model_of(made.values()),
        )
        with self.testers.one() as tester:
            return tester.run(
                tests,
                bench.sandbox,
                progress=lambda done, total: self.progress.tests(spec.id, done, total),
            )

    def _variant(self, check: str | None, plan: VariantPlan, made: Mapping[str, bytes]) -> Variant:
        wanted = self.job.lab.chain(plan.phase) if plan.phase else self.job.lab.phases
        job = replace(
            self.job,
            lab=self.job.lab.model_copy(update={"phases": _pinned(self.job, wanted)}),
            models=made,
            alter=plan.alter,
            alter_seed=zlib.crc32(f"{self.job.seed} {check} {plan.name}".encode()),
            learner_seed=_learner_seed(self.job.seed, plan.seed),
        )
        seen = run_phases(
            job,
            self.bench.sandbox,
            watch=self.places.watch,
            enter=lambda _: None,
            bury=self.undertaker.bury,
        )
        self.progress.say(f"  {check or 'seeds':<10} {plan.name}")
        return Variant(check=check, name=plan.name, phases=seen)

    def _models(self, seen: PhaseResult) -> bool:
        phase = next(each for each in self.job.lab.phases if each.name == seen.phase)
        return self.job.lab.returns_of(phase) == "model"


def _pinned(job: Job, phases: tuple[Phase, ...]) -> tuple[Phase, ...]:
    """Return phases that return what they did, although fewer stand beside them."""
    returns = job.lab.returns_of
    return tuple(each.model_copy(update={"returns": returns(each)}) for each in phases)


def _learner_seed(seed: int, number: int) -> int:
    """Return the seed a learner's phase is given: the ``number``-th that follows from ``seed``."""
    return zlib.crc32(f"{seed} seed {number}".encode()) >> (32 - SEED_BITS)


def _row_aligned(bench: Bench) -> frozenset[str]:
    # What is predicted is compared with the truth row by row, so the rows of what has a hidden
    # twin (or is hidden altogether) are shuffled; reference tables such as weather are not.
    return bench.data.twins if bench.data else frozenset()
