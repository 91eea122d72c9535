"""Which ranks of a leaderboard cannot be told apart: one paired bootstrap on the same rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from labrun.app.bench import Bench, set_up
from labrun.app.progress import Silence
from labrun.app.settings import Settings
from labrun.app.shown import feedback_part, scored
from labrun.app.unsealed import lab_key
from labrun.app.view import learners_view
from labrun.domain.leaderboard import Board
from labrun.errors import StoreError
from labrun.grading.check import Case, Truth
from labrun.grading.metric import METRICS
from labrun.grading.paired import drawn, tiers
from labrun.grading.predictions import Array, Malformed
from labrun.grading.scoring import ScoredOptions
from labrun.store.evidence import EvidenceStore
from labrun.store.ledger import Ledger
from labrun.store.sealed_lab import is_sealed
from labrun.wire import WireError

MOST = 50  # ranks that are compared: each is drawn a thousand times
NO_ENGINE = "process"  # opened and never used: nothing is run


@dataclass(frozen=True)
class Comparison:
    """Compares submissions of one lab by the check that ranks them."""

    bench: Bench
    part: Mapping[str, Array]
    store: EvidenceStore

    def tiers(self, ranked: Sequence[tuple[str, str | None]]) -> dict[str, int]:
        """Return the tier of each of the first ranks; ``ranked`` is (submission, evidence)."""
        options = self._ranking()
        if options is None:
            return {}
        first = ranked[:MOST]
        draws = [self._draws(options, evidence) for _, evidence in first]
        higher = METRICS[options.metric].greater_is_better
        return dict(zip([name for name, _ in first], tiers(draws, higher=higher), strict=True))

    def _ranking(self) -> ScoredOptions | None:
        """Return the options of the check that ranks, where it measures something."""
        board, lab = self.bench.lab.leaderboard, self.bench.lab
        for spec, options in zip(lab.checks, self.bench.grader.options, strict=True):
            if board and spec.id == board.check and isinstance(options, ScoredOptions):
                return options
        return None

    def _draws(self, options: ScoredOptions, digest: str | None) -> Array | None:
        """Return the values of one submission on drawn rows; None where it has none any more."""
        try:
            evidence = learners_view(self.store.load(digest), {}) if digest else None
            if evidence is None or evidence.phase(options.of(self.bench.lab)) is None:
                return None
            case = Case(self.bench.lab, evidence, self._truth, part=self.part)
            return drawn(scored(options, case))
        except (StoreError, Malformed, WireError):  # lost, or not comparable; the others are
            return None

    @cached_property
    def _truth(self) -> Truth:
        names = self.bench.grader.truth_tables
        return {name: self.bench.tables.columns(name, self.bench.split) for name in names}


def compare(ledger: Ledger, board: Board, folder: Path, settings: Settings) -> None:
    """Keep the tiers of an official leaderboard that is still open."""
    if board.metric is None or board.part == "final":
        return
    if is_sealed(folder) and lab_key(settings) is None:  # whoever has the key tells them apart
        return
    quiet = settings.model_copy(update={"sandbox": NO_ENGINE})
    bench = set_up(folder, split="hidden", settings=quiet, progress=Silence())
    comparison = Comparison(bench, feedback_part(bench), EvidenceStore(settings.evidence))
    ranked = [each.submission for each in board.official if each.estimate][:MOST]
    kept = ledger.evidence_of(ranked)
    ledger.tell_tiers(board.lab, comparison.tiers([(each, kept.get(each)) for each in ranked]))
