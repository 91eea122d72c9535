"""How often a graded run passes when other hidden rows are drawn from those that there are."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from labrun import wire
from labrun.domain.evidence import Ending, Evidence
from labrun.domain.grade import CheckResult, Estimate, Grade, Outcome, score
from labrun.domain.lab import Lab
from labrun.errors import LabError
from labrun.grading.check import Case, Truth
from labrun.grading.checks.threshold import ThresholdOptions, share_of
from labrun.grading.marks import threshold_checks
from labrun.grading.metric import METRICS
from labrun.grading.pairs import Pair, Takes
from labrun.grading.predictions import Array, Malformed
from labrun.grading.scoring import estimated, mean_of

DRAWS = 200
SEED = 20_240_917  # the same draws for every run, so that controls differ by what they did


@dataclass(frozen=True)
class _Scored:
    """One threshold check of one run: the pairs of each seed, and who belongs together."""

    options: ThresholdOptions
    estimate: Estimate
    pairs: tuple[Pair, ...]
    groups: Array | None

    def shares(self, rng: np.random.Generator) -> float:
        """Return the share of points on rows drawn anew; 0 where they cannot be scored."""
        metric = METRICS[self.options.metric]
        params = metric.params.model_validate(self.options.params)
        rows = self._rows(rng, metric.takes)
        try:
            with np.errstate(all="ignore"):
                values = [
                    metric.score(pair.truth[rows], pair.predicted[rows], params)
                    for pair in self.pairs
                ]
        except ValueError:  # a draw without one of the classes
            return 0.0
        value = math.fsum(values) / len(values)
        moved = value - self.estimate.value
        drawn = self.estimate.model_copy(
            update={
                "value": value,
                "low": self.estimate.low + moved,
                "high": self.estimate.high + moved,
            }
        )
        return share_of(metric, drawn, self.options.decision)

    def _rows(self, rng: np.random.Generator, takes: Takes) -> Array:
        truth = self.pairs[0].truth
        if self.groups is not None:
            names, where = np.unique(self.groups, return_inverse=True)
            members = [np.flatnonzero(where == code) for code in range(len(names))]
            return np.concatenate(
                [members[code] for code in rng.integers(0, len(names), len(names))]
            )
        if takes in (Takes.NUMBERS, Takes.RANKINGS, Takes.DISTRIBUTIONS):
            return rng.integers(0, len(truth), len(truth))
        strata = [np.flatnonzero(truth == code) for code in np.unique(truth)]
        return np.concatenate([rows[rng.integers(0, len(rows), len(rows))] for rows in strata])


def pass_rate(
    lab: Lab,
    evidence: Evidence,
    grade: Grade,
    truth: Truth,
    files: Mapping[str, bytes],
    *,
    draws: int = DRAWS,
) -> float:
    """Return the share of passes over ``draws`` draws of the hidden rows, with replacement.

    Checks that are not thresholds keep what they found; one that was skipped stays so. Checks of
    one table are drawn with the same rows.
    """
    scored = {
        spec.id: found
        for spec, options in threshold_checks(lab)
        if (found := _scored(options, Case(lab, evidence, truth, files, spec)))
    }
    passed = 0
    for draw in range(draws):
        shares = {
            name: each.shares(np.random.default_rng([SEED, draw])) for name, each in scored.items()
        }
        passed += _passes(lab, grade, shares)
    return passed / draws


def _scored(options: ThresholdOptions, case: Case) -> _Scored | None:
    seen = [each.evidence.phase(options.of(case.lab)) for each in case.seeds()]
    if not all(each and each.ending is Ending.DONE for each in seen):
        return None
    try:
        runs = [estimated(options, each) for each in case.seeds()]
    except (Malformed, wire.WireError, LabError):
        return None
    groups = case.column(options.truth, options.groups) if options.groups else None
    if groups is not None and options.canary:
        groups = groups[case.column(options.truth, options.canary) == 0]
    return _Scored(
        options, mean_of([one for one, _ in runs]), tuple(pair for _, pair in runs), groups
    )


def _passes(lab: Lab, grade: Grade, shares: Mapping[str, float]) -> bool:
    outcomes: dict[str, Outcome] = {}
    results: list[CheckResult] = []
    for spec, result in zip(lab.checks, grade.results, strict=True):
        share, outcome = result.finding.share, result.finding.outcome
        if spec.id in shares:
            share = shares[spec.id]
            outcome = Outcome.PASSED if share > 0 else Outcome.FAILED
        if any(outcomes[name] is not Outcome.PASSED for name in spec.needs):
            share, outcome = 0.0, Outcome.SKIPPED
        outcomes[spec.id] = outcome
        results.append(result.model_copy(update={"points": round(spec.points * share, 4)}))
    gates = (outcomes[spec.id] for spec in lab.checks if spec.gate)
    reached = score(results) >= grade.pass_score
    return reached and all(outcome is Outcome.PASSED for outcome in gates)
