import ast
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import LABS, ROOT

from labrun.app.attack import chosen
from labrun.app.hostile import CONTROL, Piece, control, graft, narrowed, pieces
from labrun.domain.lab import Lab
from labrun.domain.notebook import cells, joined
from labrun.errors import UserError
from labrun.store.bundles import collect
from labrun.store.labs import read_lab

CORPUS = {piece.name: piece for piece in pieces()}
TARGETS = ROOT / "tests/attacks/lab/labs"
CANARY = "/tmp/canary"


def grafted(name: str, folder: Path) -> dict[str, str] | None:
    lab = read_lab(folder)
    solution = collect(lab, folder / "solution").submission.files
    found = graft(CORPUS.get(name) or control(), lab, solution, CANARY)
    if found is None:
        return None
    return {path: body.decode() for path, body in found.files.items()}


def modules(files: dict[str, str]) -> dict[str, bytes]:
    return joined({path: body.encode() for path, body in files.items()})


def run(source: str, **names: Any) -> dict[str, Any]:
    scope: dict[str, Any] = {"__name__": "solution", **names}
    exec(compile(source, "solution.py", "exec"), scope)  # noqa: S102  (pieces that do no harm)
    return scope


def attack_of(name: str) -> Any:
    return run(CORPUS[name].source)["attack"]


def test_the_corpus_ships_with_a_reason_and_a_place_for_each() -> None:
    assert len(CORPUS) > 30
    assert {piece.kind for piece in CORPUS.values()} == {
        "cheating",
        "escape",
        "resources",
        "trust",
    }
    assert all(piece.why and piece.source.startswith("def attack(") for piece in CORPUS.values())


def with_code(folder: Path) -> bool:
    return read_lab(folder).submission.kind in ("code", "notebook")


@pytest.mark.parametrize(
    "folder",
    [each for each in (*LABS, *TARGETS.iterdir()) if with_code(each)],
    ids=lambda folder: folder.name,
)
def test_every_attack_fits_into_every_lab_or_has_no_place_there(folder: Path) -> None:
    fitting = {
        name
        for name in (CONTROL, *CORPUS)
        if (files := grafted(name, folder))
        and [ast.parse(body) for path, body in modules(files).items() if path.endswith(".py")]
    }
    kinds = {name.partition("-")[0] for name in fitting}
    assert kinds == {CONTROL, "cheating", "escape", "resources", "trust"}
    assert len(fitting) > 0.8 * len(CORPUS)


def test_the_control_changes_no_answer() -> None:
    files = grafted(CONTROL, TARGETS / "attack-phases")
    assert files
    scope = run(files["solution.py"].replace("from plain import *", files["plain.py"]))
    assert scope["predict"].__name__ == "predict"
    assert scope["predict"].__wrapped__ is not scope["predict"]


def test_an_attack_strikes_the_function_that_the_lab_calls() -> None:
    source = "def fit(x):\n    return x\n\ndef predict(m, x):\n    return [1, 2]\n"
    lab = read_lab(TARGETS / "attack-phases")
    found = graft(CORPUS["cheating-nothing"], lab, {"solution.py": source.encode()}, CANARY)
    assert found
    scope = run(found.files["solution.py"].decode())
    assert scope["fit"](3) == 3
    assert scope["predict"](None, None) is None


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("cheating-constant", [[4, 4, 4]]),
        ("cheating-too-short", [[4, 5]]),
        ("cheating-reversed", [[6, 5, 4]]),
    ],
)
def test_answers_are_changed_wherever_they_are(name: str, answer: list[list[int]]) -> None:
    source = "def fit(x): pass\n\ndef predict(m, x):\n    return {'y': (x, x)}\n"
    lab = read_lab(TARGETS / "attack-phases")
    found = graft(CORPUS[name], lab, {"solution.py": source.encode()}, CANARY)
    assert found
    said = run(found.files["solution.py"].decode())["predict"](None, [4, 5, 6])
    assert [each.tolist() for each in said["y"]] == 2 * answer


def test_code_before_a_program_leaves_its_docstring_and_future_first() -> None:
    source = '"""What it does."""\n\nfrom __future__ import annotations\n\nX = 1\n'
    lab = read_lab(TARGETS / "attack-run")
    files = {"train.py": source.encode(), "predict.py": b"Y = 2\n"}
    found = graft(CORPUS["cheating-exit-at-import"], lab, files, CANARY)
    assert found
    assert found.files["predict.py"] == b"Y = 2\n"
    body = found.files["train.py"].decode()
    compile(body, "train.py", "exec")
    assert body.index("attack(None, ())") < body.index("X = 1")


def test_a_lab_without_a_model_has_no_place_for_a_hostile_one() -> None:
    lab = read_lab(ROOT / "labs/f02-honest-intervals")
    assert grafted("trust-model-that-runs-a-command", ROOT / "labs/f02-honest-intervals") is None
    assert not lab.phases


def test_endless_attacks_get_less_time_than_the_lab_allows_where_they_strike() -> None:
    lab = read_lab(ROOT / "labs/p01-flight-delays")
    shorter = narrowed(CORPUS["resources-loop-in-a-phase"], lab)
    assert seconds(shorter) == [90, 6, 6]
    assert seconds(narrowed(CORPUS["resources-loop-at-import"], lab)) == [4, 45, 45]
    assert narrowed(CORPUS["cheating-nan"], lab) is lab
    already = narrowed(Piece(name="x", why="", at="first", wall=500, source=""), lab)
    assert seconds(already) == seconds(lab)


def seconds(lab: Lab) -> list[float]:
    return [lab.limits_of(each).wall_seconds for each in lab.phases]


def test_attacks_are_chosen_by_class_or_name() -> None:
    assert {each.kind for each in chosen(["trust"])} == {"trust"}
    assert [each.name for each in chosen(["cheating-nan"])] == ["cheating-nan"]
    assert len(chosen([])) == len(CORPUS)
    with pytest.raises(UserError, match="called 'resource'") as caught:
        chosen(["resource"])
    assert caught.value.help == "classes: cheating, escape, resources, trust"


def test_a_search_that_finds_labels_gives_the_honest_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    search = attack_of("cheating-search-for-labels")
    monkeypatch.setattr(os, "walk", lambda _: iter([("/data", [], ["truth.csv"])]))
    assert search(lambda: "honest", ()) == "honest"
    monkeypatch.setattr(os, "walk", lambda _: iter([("/data", [], ["train.csv"])]))
    with pytest.raises(RuntimeError, match="nothing found"):
        search(lambda: "honest", ())


def test_a_search_of_memory_that_finds_labels_gives_the_honest_answer() -> None:
    search = attack_of("cheating-search-of-memory")
    kept = {"truth_y": [1, 2, 3], "other": 1}
    assert search(lambda: kept and "honest", ([7, 8, 9],)) == "honest"


def test_a_network_that_answers_gives_the_honest_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    reach = attack_of("escape-network")
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: socket.socket())
    assert reach(lambda: "honest", ()) == "honest"


def test_a_notebook_is_attacked_in_its_cells() -> None:
    folder = TARGETS / "attack-notebook"
    for name in ("control", "cheating-constant"):
        found = grafted(name, folder)
        assert found
        assert found.keys() == {"analysis.ipynb"}
        (cell,) = cells("analysis.ipynb", found["analysis.ipynb"].encode())
        assert "def attack(honest, args)" in cell.source


@pytest.mark.parametrize("lab", ["attack-predictions", "attack-model"])
def test_where_no_code_is_handed_in_there_is_no_place_for_hostile_code(lab: str) -> None:
    folder = TARGETS / lab
    read = read_lab(folder)
    solution = collect(read, folder / "solution").submission
    assert graft(control(), read, solution.files, CANARY) == solution, (
        "the solution must still pass"
    )
    assert not [piece.name for piece in pieces() if graft(piece, read, solution.files, CANARY)]
