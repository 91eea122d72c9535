"""Does less training data cost something? Where it does not, the answers came from elsewhere."""

from pydantic import Field

from labrun import wire
from labrun.domain.grade import Finding, Outcome
from labrun.domain.lab import Lab
from labrun.domain.variant import Altered, Table, VariantPlan
from labrun.grading.check import Case, check, failed
from labrun.grading.metric import METRICS
from labrun.grading.options import OptionError
from labrun.grading.predictions import Malformed
from labrun.grading.scoring import ScoredOptions, estimated

WHY = (
    "Trained on a small part of the rows, it answers as well as before. A model that learns from "
    "what fit is given gets worse; answers that were brought along do not"
)
ROWS = 2


class TrainDegradationOptions(ScoredOptions):
    """Train on the share ``keep`` of a table's rows; the metric must get worse by ``cost``."""

    table: str = "train"
    keep: float = Field(default=0.02, gt=0, lt=1)
    cost: float = Field(gt=0, allow_inf_nan=False)

    def fit(self, lab: Lab) -> None:
        """See `Options.fit`."""
        super().fit(lab)
        if self.table not in {name for phase in lab.chain(self.of(lab)) for name in phase.input}:
            msg = f"no phase takes the table {self.table!r}"
            raise OptionError(msg, field="table")

    def variants(self, lab: Lab) -> tuple[VariantPlan, ...]:
        """See `Options.variants`."""
        return (VariantPlan(name="fewer", phase=self.of(lab), refit=True, alter=self._fewer),)

    def _fewer(self, table: Table) -> Altered | None:
        if table.name != self.table:
            return None
        rows = len(table.frame)
        kept = table.rng.permutation(rows)[: max(ROWS, round(self.keep * rows))]
        return Altered(table.frame.iloc[sorted(kept)])


@check("train-degradation", TrainDegradationOptions)
def train_degradation(options: TrainDegradationOptions, case: Case) -> Finding:
    """Pass when the metric gets worse by at least ``cost`` on a fraction of the data."""
    try:
        full, _ = estimated(options, case)
        fewer, _ = estimated(options, case.variant("fewer"))
    except (Malformed, wire.WireError) as error:
        return failed(f"the predictions cannot be scored: {error}")
    metric = METRICS[options.metric]
    sign = 1 if metric.greater_is_better else -1
    lost = sign * (full.value - fewer.value)
    said = (
        f"{metric.name} {full.value:.3g}, and {fewer.value:.3g} with {options.keep:.0%} of the rows"
    )
    if lost < options.cost:
        return failed(f"{said}: less data costs less than {options.cost:g}", help=WHY)
    return Finding(outcome=Outcome.PASSED, rationale=said, share=1)
