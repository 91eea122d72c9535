from collections.abc import Callable
from typing import Any

import pytest

from labrun import wire
from labrun.domain.evidence import Ending, Evidence, PhaseResult, UnitEnding, UnitResult, UnitRun
from labrun.domain.lab import Lab

MakeLab = Callable[..., Lab]
MakeEvidence = Callable[..., Evidence]
MakeRun = Callable[..., UnitRun]


@pytest.fixture
def lab() -> MakeLab:
    """A lab with the given checks, with a fit and a predict phase unless others are given."""

    def make(*checks: dict[str, Any], **fields: Any) -> Lab:
        phases = [{"name": "fit", "call": "s:fit"}, {"name": "predict", "call": "s:predict"}]
        lab = {
            "schema": "labrun/v1",
            "slug": "a-lab",
            "version": "1.0.0",
            "title": "A lab",
            "track": "core",
            "minutes": 5,
            "submission": {"require": ["s.py"]},
            "phases": phases,
            "checks": checks,
        }
        return Lab.model_validate(lab | fields)

    return make


@pytest.fixture
def evidence() -> MakeEvidence:
    """What the sandbox saw of a fit and a predict phase, the second of which returned a value."""

    def make(value: Any, **fields: Any) -> Evidence:
        order = fields.pop("order", None)
        output = value if isinstance(value, bytes) else wire.to_bytes(value)
        fit = PhaseResult(phase="fit", ending=Ending.DONE, output=b"model")
        predict = PhaseResult(
            phase="predict", ending=Ending.DONE, output=output, order=order, seconds=0.25
        )
        defaults: dict[str, Any] = {
            "lab": "a-lab",
            "submission": "ab" * 32,
            "split": "hidden",
            "seed": 1,
        }
        return Evidence(**({**defaults, "phases": (fit, predict)} | fields))

    return make


@pytest.fixture
def run() -> MakeRun:
    """The tests of the check called `functions`: an ending and its points for each."""

    def make(*results: tuple[str, float], complete: bool = True, **fields: Any) -> UnitRun:
        return UnitRun(
            check="functions",
            complete=complete,
            results=tuple(
                UnitResult(
                    test=f"test_{number}",
                    ending=UnitEnding(ending),
                    points=points,
                    **{"hint": f"hint {number}", **fields},
                )
                for number, (ending, points) in enumerate(results)
            ),
        )

    return make
