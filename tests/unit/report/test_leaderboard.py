import json
from datetime import UTC, datetime

from labrun.domain.grade import Estimate, Verdict
from labrun.domain.leaderboard import Board, Standing
from labrun.report.leaderboard import board_json, board_markdown, board_text


def standing(rank: int, learner: str, value: float | None) -> Standing:
    estimate = None
    if value is not None:
        estimate = Estimate(
            metric="roc_auc", value=value, low=value - 0.02, high=value + 0.02, level=0.95,
            method="DeLong", n=1470, direction="higher",
        )  # fmt: skip
    return Standing(
        rank=rank, learner=learner, submission=f"s{rank}", verdict=Verdict.PASSED, score=90 - rank,
        estimate=estimate, received=datetime(2025, 3, 4, 14, rank, tzinfo=UTC), submissions=2,
    )  # fmt: skip


BOARD = Board(
    lab="c02-credit-cost",
    title="Decide under cost",
    metric="roc_auc",
    official=(standing(1, "ada", 0.861), standing(2, "bob_b", 0.812)),
    unofficial=(standing(1, "eve", None),),
)


def test_a_board_lists_ranks_with_intervals_and_unofficial_runs_apart() -> None:
    assert board_text(BOARD).splitlines() == [
        "leaderboard c02-credit-cost   Decide under cost",
        "  rank  learner  roc_auc               score  verdict  when                  graded",
        "  1     ada      0.861 [0.841, 0.881]  89     passed   2025-03-04 14:01 UTC  2",
        "  2     bob_b    0.812 [0.792, 0.832]  88     passed   2025-03-04 14:02 UTC  2",
        "UNOFFICIAL (practice, counts for nothing)",
        "  rank  learner  roc_auc  score  verdict  when                  graded",
        "  1     eve               89     passed   2025-03-04 14:01 UTC  2",
    ]


def test_a_markdown_board_is_two_tables() -> None:
    text = board_markdown(BOARD)
    assert "| rank | learner | roc\\_auc | score | verdict | when | graded |" in text
    assert "| 2 | bob\\_b | 0.812 \\[0.792, 0.832\\] | 88 |" in text
    assert text.index("#### Unofficial") < text.index("| 1 | eve |")


def test_a_long_board_says_how_many_are_left_out() -> None:
    long = BOARD.model_copy(
        update={"official": tuple(standing(rank, f"l{rank}", 0.5) for rank in range(1, 41))}
    )
    text = board_markdown(long, most=30)
    assert "| 30 | l30 |" in text
    assert "l31" not in text
    assert "10 more learners below." in text


def test_a_board_without_a_metric_has_no_column_for_it() -> None:
    text = board_text(BOARD.model_copy(update={"metric": None}))
    assert "roc_auc" not in text
    assert "0.861" not in text


def test_an_empty_board_says_so() -> None:
    empty = BOARD.model_copy(update={"official": (), "unofficial": ()})
    assert "nobody has been graded yet" in board_text(empty)
    assert "Nobody has been graded yet." in board_markdown(empty)


def test_board_json_is_the_board() -> None:
    assert Board.model_validate(json.loads(board_json(BOARD))) == BOARD


def test_tiers_stand_beside_the_ranks_where_they_are_known() -> None:
    tiered = tuple(each.model_copy(update={"tier": 1}) for each in BOARD.official)
    board = BOARD.model_copy(update={"official": tiered, "part": "feedback"})
    lines = board_text(board).splitlines()
    assert lines[1] == "  provisional, on the rows for feedback; what counts comes with the close"
    assert [line.split()[:3] for line in lines[2:5]] == [
        ["rank", "tier", "learner"],
        ["1", "1", "ada"],
        ["2", "1", "bob_b"],
    ]
    assert lines[6].split()[:2] == ["rank", "learner"]
    assert "| 2 | 1 | bob\\_b |" in board_markdown(board)
    assert [each["tier"] for each in json.loads(board_json(board))["official"]] == [1, 1]
    final = board_text(board.model_copy(update={"part": "final"}))
    assert "final, on the rows kept for the close" in final
