from labrun.app.view import WITHHELD, learners_view
from labrun.domain.evidence import (
    Ending,
    Evidence,
    LearnerError,
    PhaseResult,
    UnitEnding,
    UnitResult,
    UnitRun,
)

HIDDEN = "4242407"
FILES = {"solution.py": b"def predict(model, rows):\n    raise ValueError(rows)\n"}
ERROR = LearnerError(
    type=f"E{HIDDEN}",
    message=HIDDEN,
    where=("solution.py:2 in predict", f"solution.py:{HIDDEN} in f", f"x{HIDDEN}.py:1 in f"),
    kinds=(f"E{HIDDEN}", "ValueError", "Exception"),
)


def evidence(split: str = "hidden", **changes: object) -> Evidence:
    base = PhaseResult(phase="predict", ending=Ending.CRASHED, error=ERROR, log=HIDDEN, order=(0,))
    test = UnitResult(test="t", ending=UnitEnding.RAISED, points=1, message=HIDDEN)
    return Evidence(
        lab="x",
        submission="0" * 64,
        split=split,
        seed=1,
        phases=(base.model_copy(update=changes),),
        units=(UnitRun(check="c", complete=True, results=(test,)),),
    )


def test_nothing_said_after_hidden_rows_were_seen_is_told() -> None:
    seen = learners_view(evidence(exit_code=42, detail=f"raised E{HIDDEN}"), FILES)
    assert HIDDEN not in seen.model_dump_json()
    (phase,) = seen.phases
    assert phase.error
    assert (phase.error.type, phase.error.where) == ("ValueError", ("solution.py:2",))
    assert phase.log == phase.error.message == WITHHELD
    assert phase.exit_code is None


def test_what_went_wrong_is_told_in_fixed_sentences() -> None:
    for detail, said in {
        f"too large: {HIDDEN} bytes": "too large",
        f"cannot send a __main__.{HIDDEN}": "cannot send a value of that type",
        "an unknown callback": "an unknown callback",
        f"anything {HIDDEN}": "what was returned cannot be used; labrun check says why",
    }.items():
        shown = evidence(ending=Ending.INVALID_OUTPUT, error=None, detail=detail)
        assert learners_view(shown, FILES).phases[0].detail == said


def test_a_phase_that_saw_public_rows_alone_is_shown_whole() -> None:
    shown = evidence(order=None)
    assert learners_view(shown, FILES).phases == shown.phases


def test_public_evidence_is_shown_whole() -> None:
    shown = evidence("public")
    assert learners_view(shown, FILES) == shown
