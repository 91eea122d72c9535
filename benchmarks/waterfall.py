"""Where each millisecond of one real submission goes: draws `docs/speed-warm.svg` and `-cold`.

Submits c02 twice to fill the pool, then once warm and once cold, and reads what the ledger and the
evidence say of each: when the process started, when each phase was entered, what it waited for its
container and how long learner code ran. Run: `python -m benchmarks.waterfall [--out FILE]`.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.drawing import Span, waterfall
from benchmarks.labs import ROOT, Submitted, changed_copy, clean, result_of, settle, submit

from labrun.domain.evidence import Evidence
from labrun.store.evidence import EvidenceStore
from labrun.store.ledger import Ledger
from labrun.store.ledger_records import Entry, Event

LAB = "c02-credit-cost"


def spans_of(
    events: Sequence[Event], entry: Entry, evidence: Evidence, *, started: datetime
) -> list[Span]:
    """Return the spans of one submission, in seconds since ``started``."""

    def at(moment: datetime) -> float:
        return (moment - started).total_seconds()

    entered = {each.data["phase"]: at(each.at) for each in events if each.kind == "phase"}
    running = next(at(each.at) for each in events if each.kind == "running")
    spans = [Span("start, settings, lab, data", 0, running)]
    ends = [running]
    for phase in evidence.phases:
        begin = entered[phase.phase]
        ready, end = begin + phase.queued_seconds, begin + phase.queued_seconds + phase.seconds
        how = "warm" if phase.warm else "cold"
        spans.append(Span(f"{phase.phase}: container ({how})", begin, ready, "container"))
        spans.append(Span(f"{phase.phase}: learner code", ready, end, "learner"))
        ends.append(end)
    graded = at(entry.finished_at) if entry.finished_at else max(ends)
    spans.append(Span("hidden tests, further runs, grading", max(ends), graded, "grader"))
    return spans


def run_once(home: Path, mark: str, **settings: str) -> tuple[list[Span], Submitted]:
    """Submit once; return its spans and when the verdict was there."""
    settle(home)
    with tempfile.TemporaryDirectory() as folder:
        code = changed_copy(LAB, Path(folder) / "work", mark)
        started = datetime.now(UTC)
        done = submit(LAB, code, home, LABRUN_LEARNER=mark, **settings)
    settle(home)
    whole = result_of(done.id, home)["submission"]["id"]
    with Ledger.open(home / "ledger.db", clock=lambda: datetime.now(UTC)) as ledger:
        entry, events = ledger.find(whole), ledger.events(whole)
        kept = ledger.evidence_of([whole])[whole]
    evidence = EvidenceStore(home / "evidence").load(kept)
    return spans_of(events, entry, evidence, started=started), done


def main() -> None:
    """Draw one picture of a warm run and one of a cold run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    folder = parser.parse_args().out
    with tempfile.TemporaryDirectory() as home_:
        home = Path(home_)
        try:
            for number in range(2):
                run_once(home, f"first{number}")
            for kind, settings in (("warm", {}), ("cold", {"LABRUN_POOL": "0"})):
                time.sleep(2)  # what a refill left to do
                spans, done = run_once(home, kind, **settings)
                marks = [("verdict on the screen", done.verdict), ("command ends", done.end)]
                title = f"labrun submit, {LAB}, {kind}"
                (folder / f"speed-{kind}.svg").write_text(waterfall(title, spans, marks), "utf-8")
                print(f"{kind}: verdict after {done.verdict:.2f} s")
        finally:
            clean(home)


if __name__ == "__main__":
    main()
