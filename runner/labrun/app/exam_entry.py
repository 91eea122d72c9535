"""What a learner may see of the ledger in an exam: that it was handed in, and what came of it."""

from labrun.store.ledger_records import Entry, Event, Kind, State

# Of the course of a run nothing: its steps and their times are chosen by learner code.
WITHHELD = ("phase", "worker", "lease_until", "started_at", "finished_at")
FIRST = 0
ENDS = frozenset({State.GRADED, State.INVALID, State.CANCELLED, State.HELD})
WHY = "your trainer can see why"


def exam_entry(entry: Entry) -> Entry:
    """Return the row without its course, if it is an exam's."""
    if entry.kind is not Kind.EXAM:
        return entry
    hidden: dict[str, object] = dict.fromkeys(WITHHELD)
    hidden |= {"epoch": 0, "platform_failures": 0, "not_before": entry.queued_at}
    told = entry.state in (State.GRADED, State.INVALID, State.CANCELLED)
    hidden["why"] = entry.why if told or not entry.why else WHY
    return entry.model_copy(update=hidden)


def exam_events(entry: Entry, events: tuple[Event, ...]) -> tuple[Event, ...]:
    """Return the history, of an exam its two ends alone, without the facts noted at them."""
    if entry.kind is not Kind.EXAM:
        return events
    kept = [each for at, each in enumerate(events) if at == FIRST or each.kind in ENDS]
    return tuple(
        each.model_copy(update={"seq": number, "data": {}}) for number, each in enumerate(kept)
    )
