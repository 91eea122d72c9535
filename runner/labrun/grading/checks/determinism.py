"""Does the same data give the same predictions, trained twice?"""

from pydantic import Field

from labrun.domain.grade import Finding
from labrun.domain.lab import Lab
from labrun.domain.variant import VariantPlan
from labrun.grading.check import Case, check
from labrun.grading.probing import ComparedOptions, compared

WHY = (
    "Training twice on the same rows gave two models. Pass a fixed seed (random_state, "
    "torch.manual_seed) wherever chance is used, and use no set order, clock or process number"
)


class DeterminismOptions(ComparedOptions):
    """By default every number must be the same to the last bit."""

    tolerance: float = Field(default=0, ge=0, allow_inf_nan=False)

    def variants(self, lab: Lab) -> tuple[VariantPlan, ...]:
        """See `Options.variants`."""
        return (VariantPlan(name="again", phase=self.of(lab), refit=True),)


@check("determinism", DeterminismOptions)
def determinism(options: DeterminismOptions, case: Case) -> Finding:
    """Pass when training and predicting again gives the same values."""
    return compared(options, case, {"again": "when trained again"}, WHY)
