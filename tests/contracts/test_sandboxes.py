"""Promises every sandbox keeps; a new backend is tested by being registered."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from labrun import wire
from labrun.domain.evidence import Ending, PhaseResult
from labrun.domain.lab import Lab
from labrun.domain.submission import Submission
from labrun.sandbox.base import SANDBOXES, Sandbox
from labrun.sandbox.phases import Job, PhaseEvent, run_phases

TABLES = {
    "train": pd.DataFrame({"a": np.arange(6.0), "s": list("abcdef"), "y": np.arange(6.0) * 2}),
    "features": pd.DataFrame({"a": np.arange(4.0)}),
}
BACKENDS = [
    pytest.param(("process", {}), id="process"),
    pytest.param(("docker", {"transport": "unix"}), id="docker-socket", marks=pytest.mark.docker),
    pytest.param(("docker", {"transport": "attach"}), id="docker-stream", marks=pytest.mark.docker),
]
GOOD = """
import numpy as np

def fit(table):
    print("fitting", table.shape, list(table.columns))
    return {"slope": (table.y / table.a.clip(lower=1)).max(), "ballast": b"x" * 5_000_000}

def predict(model, table):
    return model["slope"] * table.a.to_numpy()
"""


@pytest.fixture(params=BACKENDS)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    name, options = request.param
    backend = SANDBOXES[name](**options)
    yield backend
    backend.close()


def lab(**changes: Any) -> Lab:
    body: dict[str, Any] = {
        "schema": "labrun/v1",
        "slug": "x",
        "version": "1.0.0",
        "title": "a lab",
        "track": "t",
        "minutes": 1,
        "submission": {"require": ["solution.py"]},
        "limits": {"wall_seconds": 3, "memory_mb": 256, "output_mb": 8},
        "phases": [
            {"name": "fit", "call": "solution:fit", "input": "train"},
            {"name": "predict", "call": "solution:predict", "input": "features"},
        ],
        "checks": [{"id": "ran", "type": "phase", "phase": "fit", "points": 1}],
    }
    return Lab.model_validate(body | changes)


def ran(sandbox: Sandbox, code: str, lab: Lab, **files: str) -> tuple[PhaseResult, ...]:
    bodies = {"solution.py": code.encode()} | {f"{n}.py": b.encode() for n, b in files.items()}
    job = Job(
        lab=lab,
        submission=Submission(lab="x", files=bodies),
        frame=TABLES.__getitem__,
        shuffled=frozenset({"features"}),
        seed=11,
        labels={},
    )
    events: list[PhaseEvent] = []
    entered: list[str] = []
    results = run_phases(
        job, sandbox, watch=events.append, enter=entered.append, bury=lambda box: box.kill()
    )
    assert entered == [result.phase for result in results]
    assert [event.result for event in events if event.result] == list(results)
    return results


def test_a_model_goes_from_fit_to_predict_and_values_come_back(sandbox: Sandbox) -> None:
    fit, predict = ran(sandbox, GOOD, lab())
    assert (fit.ending, predict.ending) == (Ending.DONE, Ending.DONE)
    assert "fitting (6, 3) ['a', 's', 'y']" in fit.log
    assert predict.order is not None
    assert sorted(predict.order) == [0, 1, 2, 3]
    values = wire.from_bytes(predict.output or b"")
    assert values.tolist() == [2.0 * row for row in predict.order]


def test_commands_read_tables_and_hand_files_on(sandbox: Sandbox) -> None:
    train = "open(out + '/model.txt', 'w').write(str(len(open(into + '/train.csv').readlines())))"
    predict = (
        "n = int(open(into + '/model/model.txt').read())\n"
        "rows = open(into + '/features.csv').read().split()[1:]\n"
        "lines = [f'{float(r) + n},t{r}' for r in rows]\n"
        "open(out + '/predictions.csv', 'w').write('prediction,text\\n' + '\\n'.join(lines))"
    )
    top = "import os\nfrom os import environ\n"
    top += "into, out = environ.get('LABRUN_IN', '/in'), environ.get('LABRUN_OUT', '/out')\n"
    phases = [
        {"name": "fit", "run": ["python3", "train.py"], "input": "train"},
        {"name": "predict", "run": ["python3", "predict.py"], "input": "features"},
    ]
    done = ran(sandbox, "", lab(phases=phases), train=top + train, predict=top + predict)
    assert [each.ending for each in done] == [Ending.DONE, Ending.DONE], done
    values = wire.from_bytes(done[1].output or b"")
    assert values["prediction"].tolist() == [row + 7.0 for row in done[1].order or ()]
    assert values["text"].dtype == object


@pytest.mark.parametrize(
    ("code", "ending", "said"),
    [
        ("def fit(t): 1 / 0", Ending.CRASHED, "ZeroDivisionError"),
        ("def fit(t): raise SystemExit(0)", Ending.CRASHED, "SystemExit"),
        ("import os\nos._exit(0)", Ending.CRASHED, "ended before it answered"),
        ("def fit(t):\n while True: pass", Ending.TIMED_OUT, "no answer after 3 s"),
        ("def fit(t): return None", Ending.DONE, ""),
        ("def fit(t): return lambda: 1", Ending.CRASHED, "UnsavableModelError"),
        ("def fit(t): return bytes(9_000_000)", Ending.INVALID_OUTPUT, "too large"),
        ("def fitt(t): pass", Ending.CRASHED, "NotImplementedError"),
        ("def fit(t): return __import__('nothing')", Ending.CRASHED, "ModuleNotFoundError"),
        ("import os, signal\ndef fit(t): os.kill(os.getpid(), 11)", Ending.CRASHED, "exit code"),
    ],
)
def test_what_learner_code_does_is_an_ending_never_an_exception(
    sandbox: Sandbox, code: str, ending: Ending, said: str
) -> None:
    first = ran(sandbox, code, lab())[0]
    assert first.ending is ending
    assert said in first.detail


@pytest.mark.parametrize(
    ("value", "ending"),
    [
        ("None", Ending.NO_OUTPUT),
        ("object()", Ending.INVALID_OUTPUT),
        ("[1, 2]", Ending.DONE),
        ("(x for x in [1])", Ending.INVALID_OUTPUT),
        ("np.array([object()])", Ending.INVALID_OUTPUT),
        ("type('T', (float,), {})(1.5)", Ending.DONE),
    ],
)
def test_only_plain_values_come_back(sandbox: Sandbox, value: str, ending: Ending) -> None:
    one = [{"name": "predict", "call": "solution:predict", "input": "features"}]
    code = f"import numpy as np\ndef predict(t): return {value}"
    (result,) = ran(sandbox, code, lab(phases=one))
    assert result.ending is ending


def test_a_flood_of_output_is_read_and_cut(sandbox: Sandbox) -> None:
    loop = "for _ in range(3000): sys.stderr.write('x' * 10_000)"
    code = f"import sys\ndef fit(t):\n {loop}\n return 1"
    fit = ran(sandbox, code, lab())[0]
    assert fit.ending is Ending.DONE
    assert "bytes left out" in fit.log
    assert len(fit.log) < 70_000


def test_an_error_names_the_learners_own_line(sandbox: Sandbox) -> None:
    fit = ran(
        sandbox, "def fit(t):\n    return helper(t)\ndef helper(t):\n    return t['no']", lab()
    )[0]
    assert fit.error
    assert fit.error.type == "KeyError"
    assert fit.error.where[-1] == "solution.py:4 in helper"
    assert "shim.py" not in fit.log


def test_what_a_phase_prints_cannot_carry_control_characters(sandbox: Sandbox) -> None:
    code = "def fit(t):\n print('\\x1b[31mred\\x07\\u202e')\n raise ValueError('\\x1b[2J<b>')"
    fit = ran(sandbox, code, lab())[0]
    assert fit.error
    assert fit.error.message == "<b>"
    assert "\x1b" not in fit.log
    assert "\u202e" not in fit.log
