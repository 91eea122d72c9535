"""Go up a learner's ladder again: what they had been shown before each of their submissions.

A lab with ``leaderboard.step: ladder`` tells of a submission what depends on those before it, so a
regrade goes through them in order, too.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from labrun.app.bench import Bench
from labrun.app.shown import Told, judge_told
from labrun.domain.evidence import Evidence
from labrun.domain.leaderboard import Shown
from labrun.domain.submission import Submission
from labrun.errors import StoreError
from labrun.store.evidence import EvidenceStore
from labrun.store.ledger_records import Entry


@dataclass(frozen=True)
class Climb:
    """The graded submissions of a lab; ``regathered`` is where newer evidence of one is kept."""

    bench: Bench
    store: EvidenceStore
    graded: Sequence[Entry]
    regathered: dict[str, str]
    _found: dict[str, tuple[Shown, ...]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def told(self, entry: Entry, submission: Submission, evidence: Evidence) -> Told:
        """Judge one submission as its learner may see it, after those handed in before it."""
        if not self.bench.lab.ladder:
            return judge_told(self.bench, submission, evidence)
        with self._lock:
            told = self._judged(entry, submission, evidence, self._before(entry))
            self._found[entry.id] = told.shown
        return told

    def _before(self, entry: Entry) -> Mapping[str, Shown]:
        """Return what had been shown, by check, when ``entry`` was handed in."""
        whose = (entry.learner, entry.kind, entry.official)
        mine = [
            each
            for each in sorted(self.graded, key=lambda each: (each.queued_at, each.id))
            if (each.learner, each.kind, each.official) == whose
        ]
        kept = {each.id: self.regathered.get(each.id) or each.evidence for each in mine}
        shown: dict[str, Shown] = {}
        for each in mine[: list(kept).index(entry.id)]:
            if each.id not in self._found:
                self._found[each.id] = self._again(each, kept[each.id], shown)
            for found in self._found[each.id]:
                shown[found.check] = found.model_copy(update={"evidence": kept[found.submission]})
        return shown

    def _again(
        self, entry: Entry, digest: str | None, before: Mapping[str, Shown]
    ) -> tuple[Shown, ...]:
        if digest is None or entry.files is None:
            return ()
        try:
            evidence = self.store.load(digest)
            submission = self.store.load_submission(entry.files)
        except StoreError:
            return ()  # it is named where it is regraded itself; here it has shown nothing
        return self._judged(entry, submission, evidence, before).shown

    def _judged(
        self,
        entry: Entry,
        submission: Submission,
        evidence: Evidence,
        before: Mapping[str, Shown],
    ) -> Told:
        load = self.store.load
        return judge_told(self.bench, submission, evidence, id=entry.id, before=before, load=load)
