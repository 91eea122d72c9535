"""Trained on shuffled labels, can it still answer? Then it did not learn its answers here."""

from pydantic import Field

from labrun import wire
from labrun.domain.grade import Finding, Outcome
from labrun.domain.lab import Lab
from labrun.domain.variant import Altered, Table, VariantPlan
from labrun.errors import LabError
from labrun.grading.check import Case, check, failed
from labrun.grading.metric import METRICS
from labrun.grading.options import OptionError
from labrun.grading.predictions import Malformed
from labrun.grading.scoring import ScoredOptions, estimated

WHY = (
    "The labels were put in random order before fit, so that nothing could be learned from them. "
    "Answers that are right all the same were brought along, or come from outside the training data"
)


class LabelShuffleOptions(ScoredOptions):
    """Which ``label`` of which ``table`` is shuffled, and what the metric must not beat then."""

    table: str = "train"
    label: str
    no_better_than: float = Field(allow_inf_nan=False)

    def fit(self, lab: Lab) -> None:
        """See `Options.fit`."""
        super().fit(lab)
        if not self.scorer().attainable(self.no_better_than):
            msg = f"{self.no_better_than:g} is not a value {self.metric!r} can take"
            raise OptionError(msg, field="no_better_than")
        if self.table not in {name for phase in lab.chain(self.of(lab)) for name in phase.input}:
            msg = f"no phase takes the table {self.table!r}"
            raise OptionError(msg, field="table")

    def variants(self, lab: Lab) -> tuple[VariantPlan, ...]:
        """See `Options.variants`."""
        return (VariantPlan(name="shuffled", phase=self.of(lab), refit=True, alter=self._shuffled),)

    def _shuffled(self, table: Table) -> Altered | None:
        if table.name != self.table:
            return None
        if self.label not in table.frame.columns:
            msg = f"table {self.table!r} has no column {self.label!r} to shuffle"
            raise LabError(msg, help=f"name one of: {', '.join(map(str, table.frame.columns))}")
        labels = table.frame[self.label].iloc[table.rng.permutation(len(table.frame))]
        return Altered(table.frame.assign(**{self.label: labels.to_numpy()}))


@check("label-shuffle", LabelShuffleOptions)
def label_shuffle(options: LabelShuffleOptions, case: Case) -> Finding:
    """Pass when a model trained on shuffled labels is no better than chance."""
    try:
        estimate, _ = estimated(options, case.variant("shuffled"))
    except (Malformed, wire.WireError) as error:
        return failed(f"the predictions cannot be scored: {error}")
    metric, chance = METRICS[options.metric], options.no_better_than
    said = f"trained on shuffled labels, {metric.name} is {estimate.value:.3g}"
    if metric.meets(estimate.value, chance) and estimate.value != chance:
        return failed(f"{said}: better than {chance:g}, what chance can give", help=WHY)
    return Finding(outcome=Outcome.PASSED, rationale=f"{said}, no better than {chance:g}", share=1)
