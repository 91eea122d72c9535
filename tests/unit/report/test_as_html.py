import re

import pytest

from labrun.domain.grade import Plot
from labrun.domain.result import Result, Status
from labrun.report.as_html import as_html


def section(page: str, name: str) -> str:
    found = re.search(rf'<h2 id="{name}">.*?</section>', page, re.DOTALL)
    assert found, name
    return found[0]


def test_the_banner_says_verdict_attempt_and_pass_mark(gate_failed: Result) -> None:
    banner = section(as_html(gate_failed), "verdict")
    assert "FAILED: gate &#34;calibration&#34;" in banner
    assert "Attempt 2 of 5 · 3 attempts left, next at 14:30 UTC" in banner
    assert 'aria-label="Score 64.29 of 100, pass mark 70"' in banner


def test_every_check_stands_in_a_row_with_its_finding(gate_failed: Result) -> None:
    table = section(as_html(gate_failed), "checks")
    assert table.count('<th scope="row">') == len(gate_failed.checks)
    assert table.count('<svg class="interval"') == 2
    assert "0.081, 95% interval [0.069, 0.094], mark 0.060" in table
    assert "decide() must move when the cost matrix changes" in table


def test_a_page_fetches_nothing_and_runs_nothing(gate_failed: Result) -> None:
    page = as_html(gate_failed)
    assert "http:" not in page
    assert "https:" not in page
    assert "<script" not in page
    assert "default-src 'none'" in page


def test_ids_are_unique_however_many_plots_there_are(gate_failed: Result) -> None:
    ids = re.findall(r'\bid="([^"]+)"', as_html(gate_failed))
    assert len(ids) == len(set(ids))


def test_every_reference_inside_a_page_leads_somewhere(gate_failed: Result) -> None:
    page = as_html(gate_failed)
    ids = set(re.findall(r'\bid="([^"]+)"', page))
    wanted = {*re.findall(r'href="#([^"]+)"', page), *re.findall(r"url\(#([^)]+)\)", page)}
    wanted |= set(re.findall(r'aria-labelledby="([^"]+)"', page))
    assert wanted <= ids


def test_a_phase_shows_its_time_and_its_share_of_the_memory(regression: Result) -> None:
    phases = section(as_html(regression), "phases")
    assert "212/1024 MB" in phases
    assert 'aria-label="20.7 % of the memory limit"' in phases
    assert "after 0.2 s of waiting" in phases


def test_a_crash_shows_its_traceback_and_its_log(crashed: Result) -> None:
    phases = section(as_html(crashed), "phases")
    assert "ValueError: could not convert string to float: &#39;unknown&#39;" in phases
    assert "solution.py:14 in fit" in phases
    assert "reading part 29" in phases


def test_a_public_check_shows_no_score(public: Result) -> None:
    page = as_html(public)
    assert "UNOFFICIAL (process sandbox)" in page
    assert "PUBLIC CHECK" in page
    assert "of 100" not in section(page, "verdict")


def test_a_plot_that_cannot_be_drawn_is_a_sentence(regression: Result) -> None:
    broken = Plot(id="gone", kind="roc", title="ROC of nothing", series={"fpr": (), "tpr": ()})
    page = as_html(regression.model_copy(update={"plots": (broken,)}))
    assert "The plot “ROC of nothing” is left out: there is nothing to draw." in page


@pytest.mark.parametrize(
    ("status", "mood"), [(Status.INVALID, "odd"), (Status.SYSTEM_ERROR, "odd")]
)
def test_what_was_not_graded_is_neither_good_nor_bad(
    crashed: Result, status: Status, mood: str
) -> None:
    page = as_html(crashed.model_copy(update={"status": status, "verdict": None}))
    assert f'<section class="verdict {mood}"' in page
