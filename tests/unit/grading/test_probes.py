"""Each behaviour probe passes a model that behaves and fails the one it is there for.

The phases are played here: what a probe changes is applied to the tables, and a function answers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from labrun import wire
from labrun.domain.evidence import Ending, Evidence, PhaseResult, Variant
from labrun.domain.grade import Fault, Finding, Outcome
from labrun.domain.lab import Lab
from labrun.domain.variant import Altered, Table, VariantPlan, as_before
from labrun.errors import LabError
from labrun.grading.grader import Grader

MakeLab = Callable[..., Lab]
Fit = Callable[[pd.DataFrame], Any]
Predict = Callable[[Any, pd.DataFrame], Any]

ROWS = 300
DRAWN = np.random.default_rng(5)
FEATURES = pd.DataFrame(
    {
        "x": DRAWN.normal(size=ROWS),
        "count": DRAWN.integers(0, 90, size=ROWS),
        "small": DRAWN.integers(0, 90, size=ROWS).astype(np.int8),
        "word": DRAWN.choice(["a", "b"], size=ROWS),
        "empty": np.full(ROWS, np.nan),
    }
)
LABEL = (FEATURES["x"] + 0.3 * DRAWN.normal(size=ROWS) > 0).astype(int).to_numpy()
CANARY = (DRAWN.random(ROWS) < 0.2).astype(int)
TRUTH = {"label": LABEL, "canary": CANARY, "flipped": np.where(CANARY == 1, 1 - LABEL, LABEL)}
TRAIN = FEATURES.assign(y=LABEL)
PHASES = [
    {"name": "fit", "call": "s:fit", "input": "train"},
    {"name": "predict", "call": "s:predict", "input": "features"},
]


@dataclass(frozen=True)
class Player:
    """A submission as two functions; ``predict`` gets what ``fit`` made and the features."""

    fit: Fit
    predict: Predict

    def run(self, plan: VariantPlan, seed: int = 7) -> tuple[PhaseResult, PhaseResult]:
        def sent(name: str, frame: pd.DataFrame) -> Altered:
            table = Table(name, frame, name == "features", np.random.default_rng(seed))
            return plan.alter(table) or Altered(frame, tuple(range(len(frame))))

        train, features = sent("train", TRAIN), sent("features", FEATURES)
        model = self.fit(train.frame.reset_index(drop=True))
        values = self.predict(model, features.frame.reset_index(drop=True))
        output = values if isinstance(values, bytes) else wire.to_bytes(values)
        fit = PhaseResult(phase="fit", ending=Ending.DONE, output=b"model")
        done = Ending.DONE
        return fit, PhaseResult(phase="predict", ending=done, output=output, order=features.order)


def slope(train: pd.DataFrame) -> Any:
    """Learn the direction of x, and where the classes part."""
    means = train.groupby("y")["x"].mean().reindex([0, 1], fill_value=0.0)
    return means[1] - means[0], train["x"].mean()


def probability(model: Any, features: pd.DataFrame) -> Any:
    way, middle = model
    return 1 / (1 + np.exp(-3 * way * (features["x"] - middle))).to_numpy()


HONEST = Player(slope, probability)


def batch_ranks(_: Any, features: pd.DataFrame) -> Any:
    return features["x"].rank(pct=True).to_numpy()


def batch_scales(model: Any, features: pd.DataFrame) -> Any:
    far = (features["count"] > 1000).any()
    return probability(model, features) * (0.5 if far else 1)


def brought_along(_: Any, features: pd.DataFrame) -> Any:
    return (features["x"] > 0).astype(float).to_numpy()


def restless() -> Player:
    rng = np.random.default_rng()
    return Player(lambda train: (slope(train)[0], rng.normal(scale=1e-3)), probability)


def looked_up(_: Any, __: pd.DataFrame) -> Any:
    return TRUTH["flipped"].astype(float)


CASES: dict[str, tuple[dict[str, Any], Player]] = {
    "row-invariance": ({}, Player(slope, batch_ranks)),
    "outlier-invariance": ({}, Player(slope, batch_scales)),
    "determinism": ({}, restless()),
    "label-shuffle": (
        {"label": "y", "metric": "roc_auc", "column": "label", "no_better_than": 0.7},
        Player(slope, brought_along),
    ),
    "train-degradation": (
        {"metric": "log_loss", "column": "label", "keep": 0.01, "cost": 0.01},
        Player(slope, lambda _m, features: 0.1 + 0.8 * brought_along(None, features)),
    ),
    "flipped-canaries": (
        {"column": "flipped", "canary": "canary", "cut": 0.5, "at_most": 0.3},
        Player(slope, looked_up),
    ),
}


def judged(lab: MakeLab, player: Player, kind: str, **options: Any) -> Finding:
    grader = Grader(lab({"id": "it", "type": kind, "points": 10, **options}, phases=PHASES))
    own = player.run(VariantPlan(name="own", phase="predict", refit=True, alter=as_before))
    variants = tuple(
        Variant(check=check, name=plan.name, phases=player.run(plan))
        for check, plan in grader.plans
    )
    evidence = Evidence(
        lab="a-lab", submission="ab" * 32, split="hidden", seed=1, phases=own, variants=variants
    )
    return grader.grade(evidence, {"truth": TRUTH}).results[0].finding


@pytest.mark.parametrize("kind", CASES)
def test_a_model_that_behaves_passes(lab: MakeLab, kind: str) -> None:
    found = judged(lab, HONEST, kind, **CASES[kind][0])
    assert (found.outcome, found.share) == (Outcome.PASSED, 1), found.rationale


@pytest.mark.parametrize("kind", CASES)
def test_what_the_probe_is_there_for_fails_with_an_explanation(lab: MakeLab, kind: str) -> None:
    options, player = CASES[kind]
    found = judged(lab, player, kind, **options)
    assert (found.outcome, found.share, found.fault) == (Outcome.FAILED, 0, None), found.rationale
    assert found.help
    assert len(found.help) > 60


@pytest.mark.parametrize("kind", CASES)
@pytest.mark.parametrize("value", [b"no frame", [0.5], ["a"] * ROWS, np.full((ROWS, 2, 2), 0.5)])
def test_a_variant_that_returns_nonsense_fails(lab: MakeLab, kind: str, value: Any) -> None:
    calls: list[int] = []

    def predict(model: Any, features: pd.DataFrame) -> Any:
        calls.append(1)
        own_run = len(calls) == 1 and kind != "flipped-canaries"
        return probability(model, features) if own_run else value

    found = judged(lab, Player(slope, predict), kind, **CASES[kind][0])
    assert (found.outcome, found.share, found.fault) == (Outcome.FAILED, 0, None)


def test_outliers_stay_within_the_type_of_their_column(lab: MakeLab) -> None:
    seen: list[pd.DataFrame] = []

    def predict(model: Any, features: pd.DataFrame) -> Any:
        seen.append(features)
        return probability(model, features)

    judged(lab, Player(slope, predict), "outlier-invariance", rows=9)
    own, more = seen
    assert len(more) == len(own) + 9
    assert (more.dtypes == own.dtypes).all()
    assert more["x"].max() > 5 * own["x"].max()
    assert more["small"].max() <= 127
    assert set(more["word"]) == {"a", "b"}


def test_only_the_named_columns_are_made_absurd(lab: MakeLab) -> None:
    seen: list[pd.DataFrame] = []

    def predict(model: Any, features: pd.DataFrame) -> Any:
        seen.append(features)
        return probability(model, features)

    judged(lab, Player(slope, predict), "outlier-invariance", columns=["count"])
    own, more = seen
    assert more["x"].max() == own["x"].max()
    assert more["count"].max() > 1000
    with pytest.raises(LabError, match="no column 'counts'"):
        judged(lab, HONEST, "outlier-invariance", columns=["counts"])


def test_a_table_without_the_label_is_the_lab_s_mistake(lab: MakeLab) -> None:
    options = {"label": "z", "metric": "roc_auc", "no_better_than": 0.7, "column": "label"}
    with pytest.raises(LabError, match="no column 'z' to shuffle"):
        judged(lab, HONEST, "label-shuffle", **options)


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        ("label-shuffle", {"no_better_than": 1.7}, "not a value 'roc_auc' can take"),
        ("label-shuffle", {"table": "weather"}, "no phase takes the table 'weather'"),
        ("train-degradation", {"table": "weather"}, "no phase takes the table 'weather'"),
        ("row-invariance", {"phase": "fit"}, "returns a model"),
        ("label-shuffle", {"metric": "auc"}, "no metric called 'auc'"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    lab: MakeLab, kind: str, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(LabError, match=said):
        judged(lab, HONEST, kind, **CASES[kind][0] | options)


def test_too_few_canaries_are_the_lab_s_mistake(lab: MakeLab) -> None:
    few = {"truth": TRUTH | {"canary": np.arange(ROWS) < 5}}
    grader = Grader(lab({"id": "it", "type": "flipped-canaries", **CASES["flipped-canaries"][0]}))
    own = HONEST.run(VariantPlan(name="own", phase="predict", refit=True))
    evidence = Evidence(lab="a-lab", submission="ab" * 32, split="hidden", seed=1, phases=own)
    finding = grader.grade(evidence, few).results[0].finding
    assert finding.fault is Fault.LAB
    assert "only 5 rows" in finding.rationale


@pytest.mark.parametrize("ending", [Ending.CRASHED, Ending.TIMED_OUT])
def test_a_further_run_that_ended_badly_fails_the_check(lab: MakeLab, ending: Ending) -> None:
    grader = Grader(lab({"id": "it", "type": "determinism"}))
    own = HONEST.run(VariantPlan(name="own", phase="predict", refit=True))
    broken = (own[0].model_copy(update={"ending": ending, "detail": "boom"}),)
    variant = Variant(check="it", name="again", phases=broken)
    evidence = Evidence(
        lab="a-lab", submission="ab" * 32, split="hidden", seed=1, phases=own, variants=(variant,)
    )
    finding = grader.grade(evidence, {}).results[0].finding
    assert (finding.outcome, finding.fault) == (Outcome.FAILED, None)
    assert finding.rationale.endswith("when it was run once more (again)")


def test_where_a_later_phase_broke_the_probe_of_an_earlier_one_is_not_reached(lab: MakeLab) -> None:
    decide = {"name": "decide", "call": "s:decide", "input": "predict"}
    spec = {"id": "it", "type": "determinism", "phase": "predict"}
    grader = Grader(lab(spec, phases=[*PHASES, decide]))
    own = HONEST.run(VariantPlan(name="own", phase="predict", refit=True))
    broken = PhaseResult(phase="decide", ending=Ending.TIMED_OUT, seconds=30)
    evidence = Evidence(
        lab="a-lab", submission="ab" * 32, split="hidden", seed=1, phases=(*own, broken)
    )
    finding = grader.grade(evidence, {}).results[0].finding
    assert (finding.outcome, finding.fault) == (Outcome.FAILED, None)
    assert finding.rationale.endswith("phase 'decide' took too long (30 s)")


def test_a_further_run_that_never_reported_is_the_platform_s_fault(lab: MakeLab) -> None:
    grader = Grader(lab({"id": "it", "type": "determinism"}))
    own = HONEST.run(VariantPlan(name="own", phase="predict", refit=True))
    evidence = Evidence(lab="a-lab", submission="ab" * 32, split="hidden", seed=1, phases=own)
    assert grader.grade(evidence, {}).results[0].finding.fault is Fault.PLATFORM
