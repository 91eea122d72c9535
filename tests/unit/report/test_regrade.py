from datetime import UTC, datetime
from typing import Any

from labrun.domain.grade import Outcome, Verdict
from labrun.domain.regrade import Change, CheckChange, Item, Marks, Proposal
from labrun.domain.result import How
from labrun.report.regrade import proposal_text, summary

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CHECK = CheckChange(
    id="auc", before=Outcome.FAILED, after=Outcome.PASSED, points_before=0, points_after=30, of=30,
    why="needs at least 0.85",
)  # fmt: skip


def item(learner: str, change: Change, **fields: Any) -> Item:
    plain: dict[str, Any] = {
        "submission": f"01abc{learner}1234", "learner": learner, "received": NOW, "number": 1,
        "lab_version": "1.0.0", "lab_digest": "d" * 64, "change": change,
        "before": Marks(verdict=Verdict.FAILED, score=61),
    }  # fmt: skip
    return Item(**plain | fields)


def proposal(*items: Item, waiting: int = 0) -> Proposal:
    return Proposal(
        id="01jregrade7k2m9x", lab="c02", how=How.RESCORE, only=(), lab_version="1.0.1",
        lab_digest="e" * 64, data_digest=None, state="proposed", created=NOW, published=None,
        reason=None, waiting=waiting, items=items,
    )  # fmt: skip


def test_a_row_says_who_changes_by_how_much_and_which_check_is_why() -> None:
    after = Marks(verdict=Verdict.PASSED, score=91)
    text = proposal_text(
        proposal(item("ada", Change.RISES, after=after, kept=after, checks=(CHECK,)))
    )
    head, _, row, check, total = text.splitlines()
    assert head == "regrade 7k2m9x of c02 1.0.1 (eeeeeeee)   --rescore"
    for said in ("ada", "1.0.0 (dddddddd)", "61 → 91", "failed → passed", "rises (+30)"):
        assert said in row
    assert check.strip() == "auc: failed → passed, 0 → 30 of 30 points: needs at least 0.85"
    assert total == "1 submission: 1 rises"


def test_what_would_fall_and_what_cannot_be_judged_is_said() -> None:
    less = Marks(verdict=Verdict.FAILED, score=50)
    found = proposal(
        item("ada", Change.KEPT, after=less, why="would fall, kept: score"),
        item("bob", Change.NEEDS_RERUN, why="the tests of 'functions' changed"),
        waiting=2,
    )
    text = proposal_text(found)
    assert "would fall: kept (-11)" in text
    assert "the tests of 'functions' changed" in text
    assert summary(found) == (
        "2 submissions: 1 would fall: kept, 1 needs --rerun, 2 still to be regraded"
    )


def test_a_learner_s_name_cannot_act() -> None:
    assert "\x1b" not in proposal_text(proposal(item("\x1b[2Jeve", Change.SAME)))
