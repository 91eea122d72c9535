from labrun.domain.leaderboard import Board
from labrun.tracker.note import MOST_CHARACTERS, official_note, practice_note


def test_a_description_ranks_official_runs_with_links(board: Board) -> None:
    assert official_note(board, {"a41d7e": "http://x/#/r"}).splitlines() == [
        "### Leaderboard: Decide under cost",
        "",
        "| rank | learner | roc\\_auc | score | verdict | when | graded |",
        "|---|---|---|---|---|---|---|",
        "| 1 | ada | 0.861 \\[0.84, 0.88\\] | [81](http://x/#/r) | passed | 2025-03-04 14:00 | 2 |",
    ]


def test_practice_has_a_description_of_its_own(board: Board) -> None:
    text = practice_note(board, {})
    assert "none of them counts" in text
    assert "eve" in text
    assert "ada" not in text


def test_an_empty_board_says_so(board: Board) -> None:
    empty = board.model_copy(update={"official": ()})
    assert official_note(empty, {}).endswith("Nobody has been graded yet.")


def test_a_description_fits_what_mlflow_keeps_and_says_what_is_left_out(board: Board) -> None:
    many = board.model_copy(update={"official": board.official * 1000})
    text = official_note(many, {"a41d7e": "http://127.0.0.1:5000/#/experiments/1/runs/" + "f" * 32})
    assert MOST_CHARACTERS - 500 < len(text) < 20_000
    rows = text.count("| ada |")
    assert f"{1000 - rows} more below." in text


def test_a_hostile_name_stays_a_name(board: Board) -> None:
    name = "<script>|[x](http://evil)\n# h\x00"
    hostile = board.official[0].model_copy(update={"learner": name})
    text = official_note(board.model_copy(update={"official": (hostile,), "title": name}), {})
    assert "<script" not in text
    assert "](http" not in text
    assert "http://" not in text
    assert len(text.splitlines()) == 5


def test_a_description_says_which_rows_it_is_about_and_shows_tiers(board: Board) -> None:
    tiered = tuple(each.model_copy(update={"tier": 1}) for each in board.official)
    final = board.model_copy(update={"official": tiered, "part": "final"})
    text = official_note(final, {})
    assert "Final, on the rows kept for the close." in text
    assert "| rank | tier | learner |" in text
    assert "| 1 | 1 | ada |" in text
