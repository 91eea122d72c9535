"""What an author reads of a calibration."""

import re
from html.parser import HTMLParser
from typing import Any

from labrun.domain.calibration import (
    At,
    Calibration,
    Chance,
    ControlRuns,
    MarkReport,
    Marks,
    Spread,
)
from labrun.domain.result import Result
from labrun.report import FORMATS, pictograms
from labrun.report.calibration import calibration_text
from labrun.report.calibration_html import calibration_html


def control(name: str, mean: float, passed: int, **fields: Any) -> ControlRuns:
    return ControlRuns(
        name=name,
        sha256="a" * 64,
        expected="passed" if name == "solution" else "failed",
        runs=5,
        passed=passed,
        chance=Chance(p=passed / 5, low=0.1, high=0.9),
        resampled=0.25,
        scores=(40.0, 42.5, 40.0, 40.0, 40.0),
        values={"auc": Spread(mean=mean, sd=0.001, se=0.01, n=1468)},
        **fields,
    )


def made(*problems: str, **fields: Any) -> Calibration:
    mark: dict[str, Any] = {
        "check": "auc",
        "metric": "roc_auc",
        "direction": "higher",
        "marks": Marks(rule="ramp", floor=0.77, full=0.82),
        "against": "baseline",
        "above": 2.5,
        "below": 2.4,
        "width": 5,
        "problems": problems,
        "proposed": Marks(rule="ramp", floor=0.78, full=0.81),
        "needed": 0.79,
        "curve": (At(true=0.77, p=0.03), At(true=0.79, p=0.5), At(true=0.81, p=0.97)),
    }
    body: dict[str, Any] = {
        "lab": "a-lab",
        "version": "1.0.0",
        "digest": "b" * 64,
        "data": "c" * 64,
        "image": "cpu",
        "sandbox": "docker",
        "official": True,
        "labrun": "0",
        "date": "2026-01-01",
        "seeds": (1, 2, 3, 4, 5),
        "controls": (
            control("solution", 0.844, 5),
            control("baseline", 0.745, 1),
            control("cheats/copy", 0.7, 0, stops="auc", stopped=5),
        ),
        "marks": (MarkReport(**(mark | fields)),),
    }
    return Calibration(**body)


def test_the_text_has_every_control_mark_and_chance() -> None:
    text = calibration_text(made())
    for said in (
        "lab a-lab 1.0.0   5 seeds",
        "5 of 5",
        "1.00 [0.10, 0.90]",
        "0.250",
        "40 to 42.5, stopped at auc in 5 of 5",
        "ok    auc: roc_auc, higher is better, ramp from 0.77 to 0.82",
        "0.844   SE 0.01 (rows), SD 0.001 (seeds)   n 1,468",
        "2.4 SE beyond the mark, baseline 2.5 SE short of it; the ramp is 5.0 SE wide",
        "proposed: ramp from 0.78 to 0.81; the lab's own may stay",
        "which takes 0.79",
        "97.0%",
    ):
        assert said in text
    assert re.search(r"FAIL +baseline", text)


def test_a_mark_that_is_not_clear_says_why_and_what_would_be() -> None:
    text = calibration_text(made("the ramp is too narrow", proposed=None, needed=None))
    assert "FAIL  auc" in text
    assert "the ramp is too narrow" in text
    assert "proposed: none" in text
    assert "P(some points, from 0.77)" in text


def test_a_calibration_without_isolation_or_marks_says_so() -> None:
    bare = made().model_copy(update={"official": False, "sandbox": "process", "marks": ()})
    text = calibration_text(bare)
    assert "UNOFFICIAL (process sandbox)" in text
    assert "nothing to calibrate but the controls" in text


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.tags.append(tag)


def test_the_page_draws_each_mark_and_runs_nothing() -> None:
    page = Page()
    body = calibration_html(made("a < b"))
    page.feed(body)
    assert page.tags.count("svg") == 2
    assert not {"script", "img", "link"} & set(page.tags)
    assert "a &lt; b" in body


def test_on_the_page_better_is_to_the_right_whichever_way_the_metric_points() -> None:
    def places(direction: str) -> list[float]:
        body = calibration_html(made(direction=direction))
        return [float(x) for x in re.findall(r'<circle cx="([\d.]+)" cy="[36]0"', body)]

    low, reference = places("higher")
    assert low < reference
    low, reference = places("lower")
    assert low > reference


def test_a_control_that_was_not_measured_is_no_picture() -> None:
    lost = made(against="cheats/none")
    assert "<svg" not in calibration_html(lost)
    assert "not measured" in calibration_text(lost)


def known(result: Result, **fields: Any) -> Result:
    checks = tuple(
        check.model_copy(update=fields) if check.id == "auc" else check for check in result.checks
    )
    return result.model_copy(update={"checks": checks})


def test_every_report_for_a_learner_tells_baseline_and_reference(gate_failed: Result) -> None:
    told = known(gate_failed, baseline=0.7449, reference=0.8439)
    for name in ("text", "markdown", "html"):
        assert "on the same rows: baseline 0.745, reference 0.844" in FORMATS[name](told)
        assert "on the same rows" not in FORMATS[name](gate_failed)
    assert '"reference": 0.8439' in FORMATS["json"](told)


def test_their_ticks_stand_inside_the_picture(gate_failed: Result) -> None:
    estimate = next(check.estimate for check in gate_failed.checks if check.id == "auc")
    assert estimate
    picture = pictograms.interval(estimate, 0.2, 0.95)
    assert picture
    low, high = picture.others
    assert 0 < low < picture.low < picture.high < high < 100
    plain = pictograms.interval(estimate)
    assert plain
    assert plain.others == ()
    told = FORMATS["html"](known(gate_failed, baseline=0.7, reference=0.9))
    assert "the lab's own: baseline, reference" in told
    assert "the lab's own" not in FORMATS["html"](gate_failed)
