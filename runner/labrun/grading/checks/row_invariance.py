"""Is each row predicted by itself? Asked alone, in another order or company, it must stay."""

from pydantic import Field

from labrun.domain.grade import Finding
from labrun.domain.lab import Lab
from labrun.domain.variant import Alter, Altered, Table, VariantPlan
from labrun.grading.check import Case, check
from labrun.grading.probing import ComparedOptions, compared, taken

WHY = (
    "A model in use meets one row at a time. What it says of a row must not depend on which others "
    "are in the batch: compute means, scalings and ranks in fit, keep them, and use them in predict"
)


class RowInvarianceOptions(ComparedOptions):
    """Besides a part of the rows in another order, ``singles`` rows are each asked alone."""

    singles: int = Field(default=1, ge=0, le=5)

    def variants(self, lab: Lab) -> tuple[VariantPlan, ...]:
        """See `Options.variants`."""
        phase = self.of(lab)
        alters: dict[str, Alter] = {"part": _part}
        alters |= {f"single-{number}": _single(number) for number in range(1, self.singles + 1)}
        return tuple(
            VariantPlan(name=name, phase=phase, refit=False, alter=alter)
            for name, alter in alters.items()
        )


@check("row-invariance", RowInvarianceOptions)
def row_invariance(options: RowInvarianceOptions, case: Case) -> Finding:
    """Pass when no prediction depends on the other rows of the batch."""
    told = {"part": "in another order with a third of the rows"}
    for number in range(1, options.singles + 1):
        told[f"single-{number}"] = "for a row alone"
    return compared(options, case, told, WHY)


def _part(table: Table) -> Altered | None:
    rows = len(table.frame)
    return taken(table, table.rng.permutation(rows)[: max(1, rows // 3)]) if table.aligned else None


def _single(number: int) -> Alter:
    def alter(table: Table) -> Altered | None:
        rows = len(table.frame)
        return (
            taken(table, table.rng.permutation(rows)[[(number - 1) % rows]])
            if table.aligned
            else None
        )

    return alter
