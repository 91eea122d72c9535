from typing import Any

import pytest
from pydantic import ValidationError

from labrun.domain.lab import CheckSpec, Lab

LAB: dict[str, Any] = {
    "schema": "labrun/v1",
    "slug": "a-lab",
    "version": "1.0.0",
    "title": "A lab",
    "track": "core",
    "minutes": 5,
    "submission": {"require": ["solution.py"]},
    "phases": [
        {"name": "fit", "call": "solution:fit", "input": "train"},
        {"name": "predict", "run": ["python", "p.py"], "limits": {"wall_seconds": 5}},
    ],
    "checks": [
        {"id": "a", "type": "phase", "points": 10, "phase": "fit"},
        {"id": "b", "type": "phase", "points": 5, "needs": "a"},
    ],
}


def lab(**fields: Any) -> Lab:
    return Lab.model_validate({**LAB, **fields})


def test_points_add_up() -> None:
    assert lab().points == 15


def test_the_first_of_several_phases_makes_the_model() -> None:
    several = lab()
    assert [several.returns_of(phase) for phase in several.phases] == ["model", "values"]


def test_a_single_phase_returns_values() -> None:
    single = lab(phases=LAB["phases"][:1])
    assert single.returns_of(single.phases[0]) == "values"


def test_a_phase_may_say_what_it_returns() -> None:
    made = lab(phases=[{**LAB["phases"][0], "returns": "values"}, LAB["phases"][1]])
    assert made.returns_of(made.phases[0]) == "values"


def test_a_phase_changes_only_the_limits_it_names() -> None:
    made = lab(limits={"wall_seconds": 90, "memory_mb": 512})
    fit, predict = (made.limits_of(phase) for phase in made.phases)
    assert (fit.wall_seconds, fit.memory_mb) == (90, 512)
    assert (predict.wall_seconds, predict.memory_mb) == (5, 512)


def test_a_chain_is_what_a_phase_rests_on() -> None:
    phases = [
        {"name": "fit", "call": "s:fit", "input": "train"},
        {"name": "predict", "call": "s:p", "input": "features"},
        {"name": "filled", "call": "s:p", "input": "filled"},
        {"name": "decide", "call": "s:d", "input": "predict"},
    ]
    made = lab(phases=phases, checks=LAB["checks"][:1])
    chains = {each.name: [part.name for part in made.chain(each.name)] for each in made.phases}
    assert chains == {
        "fit": ["fit"],
        "predict": ["fit", "predict"],
        "filled": ["fit", "filled"],
        "decide": ["fit", "predict", "decide"],
    }


def test_one_name_stands_for_a_list_of_one() -> None:
    assert lab().phases[0].input == ("train",)
    assert lab().checks[1].needs == ("a",)


def test_the_further_keys_of_a_check_are_its_options() -> None:
    spec = CheckSpec.model_validate({"id": "a", "type": "phase", "phase": "fit", "points": 1})
    assert spec.options == {"phase": "fit"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"checks": []}, "at least 1 item"),
        ({"checks": [*LAB["checks"], LAB["checks"][0]]}, "two checks are called 'a'"),
        ({"phases": [LAB["phases"][0]] * 2}, "two phases are called 'fit'"),
        ({"checks": LAB["checks"][::-1]}, "check 'b' needs 'a', but no earlier check"),
        ({"leaderboard": {"check": "c"}}, "there is no check called 'c'"),
        ({"controls": {"cheats": {"x": "c"}}}, "there is no check called 'c'"),
        ({"phases": [{"name": "fit"}]}, "needs one of: call, run"),
        (
            {"phases": [{"name": "f", "call": "a:b", "run": ["x"]}]},
            "needs one of: call, run",
        ),
        ({"phases": [{"name": "f", "call": "a.b"}]}, "match pattern"),
        ({"slug": "A lab"}, "match pattern"),
        ({"version": "1.0"}, "match pattern"),
        ({"minuts": 5}, "Extra inputs"),
        ({"submission": {}}, "Field required"),
        ({"grading": {"pass_score": 101}}, "less than or equal to 100"),
        ({"schema": "labrun/v2"}, "labrun/v1"),
    ],
)
def test_what_contradicts_itself_is_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        lab(**fields)


def test_a_lab_for_practice_only_says_why() -> None:
    assert lab().use.exam
    assert lab(use={"exam": False, "why": "70 hidden rows"}).use.why == "70 hidden rows"
    with pytest.raises(ValidationError, match="give 'why' beside 'exam: false'"):
        lab(use={"exam": False})


def test_a_mark_is_held_against_a_cheat_that_stops_there() -> None:
    cheats = {"cheats": {"copy": "a"}}
    assert lab(controls=cheats, use={"against": {"a": "copy"}}).use.against == {"a": "copy"}
    for wrong in ({"b": "copy"}, {"a": "other"}):
        with pytest.raises(ValidationError, match=r"use\.against: no cheat"):
            lab(controls=cheats, use={"against": wrong})


READ = {"name": "r", "read": "p.csv", "input": "questions", "id": "id", "columns": {"y": "number"}}
RULES = {"kind": "predictions", "require": ["p.csv"]}


@pytest.mark.parametrize(
    ("phase", "said"),
    [
        (READ | {"id": None}, "give 'id', and the other 'columns'"),
        (READ | {"columns": {}}, "give 'id', and the other 'columns'"),
        (READ | {"columns": {"id": "text"}}, "give 'id', and the other 'columns'"),
        (READ | {"input": ["a", "b"]}, "'input' is the table with the ids, no more"),
        (READ | {"seeded": True}, "'input' is the table with the ids, no more"),
        (READ | {"read": "q.csv"}, "needs 'q.csv', which submission.require lacks"),
        (READ | {"columns": {"y": "date"}}, "'number' or 'text'"),
        ({"name": "r", "call": "s:p", "id": "id"}, "'id' or 'columns', which go with 'read'"),
        ({"name": "r", "call": "s:p"}, "of kind 'predictions' has phases with 'read': see 'r'"),
    ],
)
def test_a_phase_that_reads_predictions_says_all_that_is_needed(
    phase: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        lab(submission=RULES, phases=[phase], checks=LAB["checks"][:1])


def test_a_notebook_lab_requires_a_notebook() -> None:
    with pytest.raises(ValidationError, match=r"requires a file .ipynb"):
        lab(submission={"kind": "notebook", "require": ["a.py"]})
    made = lab(submission={"kind": "notebook", "require": ["s.ipynb"]})
    assert made.submission.kind == "notebook"


def test_what_older_evidence_rests_on_is_said_as_it_was() -> None:
    asked = lab().phases[0].asked
    assert not {"read", "id", "columns", "limits"} & asked.keys()
    made = lab(submission=RULES, phases=[READ, READ | {"name": "s"}], checks=LAB["checks"][:1])
    assert made.phases[0].asked["read"] == "p.csv"
    assert made.returns_of(made.phases[0]) == "values"
