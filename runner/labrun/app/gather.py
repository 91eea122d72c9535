"""Gather evidence: run a submission's phases, its further runs and its hidden tests."""

import contextlib
import os
import secrets
import zlib
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from labrun.app.bench import Bench
from labrun.app.measured import measured
from labrun.app.progress import Progress
from labrun.domain.evidence import Evidence, PhaseResult, UnitRun, Variant
from labrun.domain.lab import CheckSpec, Phase
from labrun.domain.submission import Submission
from labrun.domain.variant import VariantPlan
from labrun.sandbox import guests
from labrun.sandbox.phases import Job, run_phases
from labrun.sandbox.unit import Tester, UnitJob

HIDDEN_TESTS = "hidden-tests"
SIDE_BY_SIDE = 2  # checks at a time, each with a box of its own
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

    ``enter`` is told of each step before it starts. ``seed`` decides what the grader draws; where
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
        testers = _testers(bench, stack)  # they import while the phases run
        phases = run_phases(job, bench.sandbox, watch=progress.phase, enter=enter)
        reference, timings = measured(bench, job, phases)
        more = _More(bench, job, phases, progress, enter, testers)
        side_by_side = min(SIDE_BY_SIDE, os.cpu_count() or 1)
        pool = stack.enter_context(ThreadPoolExecutor(max_workers=side_by_side))
        units = more.units(pool)
        variants = more.variants(pool)
        pool.shutdown()
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


def _testers(bench: Bench, stack: contextlib.ExitStack) -> dict[str, Tester]:
    """Return a tester by check, for each whose tests are to be run."""
    checks = [spec.id for spec in bench.lab.checks if spec.type == HIDDEN_TESTS]
    return {check: stack.enter_context(Tester(bench.standby)) for check in checks}


@dataclass(frozen=True)
class _More:
    """What runs once the phases are done, side by side."""

    bench: Bench
    job: Job
    phases: tuple[PhaseResult, ...]
    progress: Progress
    enter: Enter
    testers: Mapping[str, Tester]

    @property
    def well(self) -> bool:
        whole = len(self.phases) == len(self.bench.lab.phases)
        return whole and all(each.output for each in self.phases)

    def units(self, pool: ThreadPoolExecutor) -> list[Future[UnitRun]]:
        running = []
        for spec in self.bench.lab.checks:
            if spec.type == HIDDEN_TESTS and (self.well or not spec.needs):
                self.enter(spec.id)
                running.append(pool.submit(self._unit, spec))
        return running

    def variants(self, pool: ThreadPoolExecutor) -> list[Future[Variant]]:
        running = []
        for check, plan in self.bench.grader.plans if self.well else ():
            self.enter(check or plan.name)
            running.append(pool.submit(self._variant, check, plan))
        return running

    def _unit(self, spec: CheckSpec) -> UnitRun:
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
        )
        with self.testers[spec.id] as tester:
            return tester.run(
                tests,
                bench.sandbox,
                progress=lambda done, total: self.progress.tests(spec.id, done, total),
            )

    def _variant(self, check: str | None, plan: VariantPlan) -> Variant:
        wanted = self.job.lab.chain(plan.phase) if plan.phase else self.job.lab.phases
        made = {
            each.phase: each.output
            for each in self.phases
            if each.output is not None and self._is_model(each.phase)
        }
        job = replace(
            self.job,
            lab=self.job.lab.model_copy(update={"phases": _pinned(self.job, wanted)}),
            models={} if plan.refit else made,
            alter=plan.alter,
            alter_seed=zlib.crc32(f"{self.job.seed} {check} {plan.name}".encode()),
            learner_seed=_learner_seed(self.job.seed, plan.seed),
        )
        seen = run_phases(job, self.bench.sandbox, watch=lambda _: None, enter=lambda _: None)
        self.progress.say(f"  {check or 'seeds':<10} {plan.name}")
        return Variant(check=check, name=plan.name, phases=seen)

    def _is_model(self, name: str) -> bool:
        phase = next(each for each in self.job.lab.phases if each.name == name)
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
