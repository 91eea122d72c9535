from typing import Any

import matplotlib as mpl
import pytest

from labrun.domain.grade import Plot
from labrun.domain.result import Result
from labrun.report.drawings import DRAWINGS
from labrun.report.plots import Missing, Picture, pictures, plots_png

BINS = ("predicted_mean", "true_mean", "true_low", "true_high", "count")
NAN, INF = float("nan"), float("inf")


def only(result: Result, **fields: Any) -> Picture | Missing:
    plot = Plot(**{"id": "plot", "kind": "roc", "title": "A plot", **fields})
    (found,) = pictures(result.model_copy(update={"plots": (plot,)}))
    return found


def test_every_kind_has_an_example_here(gate_failed: Result, regression: Result) -> None:
    plots = [*gate_failed.plots, *regression.plots]
    assert {plot.kind for plot in plots} == set(DRAWINGS)


def test_every_kind_is_drawn_and_told_in_words(gate_failed: Result, regression: Result) -> None:
    found = [*pictures(gate_failed), *pictures(regression)]
    words = [picture.description for picture in found if isinstance(picture, Picture)]
    assert words == [
        "1,242 of 1,470 rows (84.5%) lie on the diagonal, where the class is right.",
        "The area under the curve is 0.818; chance would be 0.5.",
        "The largest gap is 0.148, where the predicted probability is 0.45.",
        "460 rows in 10 bins of the predicted value.",
        "460 rows in 15 bins; 50% of them below zero.",
    ]


def test_a_picture_takes_its_colours_from_the_page(gate_failed: Result) -> None:
    for picture in pictures(gate_failed):
        assert isinstance(picture, Picture)
        assert "var(--one)" in picture.svg
        assert "var(--ink)" in picture.svg
        assert "#0102" not in picture.svg


def test_a_picture_is_the_same_each_time(gate_failed: Result) -> None:
    assert pictures(gate_failed) == pictures(gate_failed)
    assert plots_png(gate_failed) == plots_png(gate_failed)


def test_png_files_are_named_for_their_plots(regression: Result) -> None:
    files = plots_png(regression)
    assert list(files) == ["predicted-true.png", "residuals.png"]
    assert all(body.startswith(b"\x89PNG") for body in files.values())


def test_drawing_leaves_the_settings_of_matplotlib_alone(gate_failed: Result) -> None:
    before = dict(mpl.rcParams)
    pictures(gate_failed)
    assert dict(mpl.rcParams) == before


def test_the_settings_of_a_machine_change_no_picture(gate_failed: Result) -> None:
    plain = pictures(gate_failed)
    with mpl.rc_context({"font.size": 30, "svg.hashsalt": None, "axes.grid": True}):
        assert pictures(gate_failed) == plain


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"series": {}}, "it lacks the series 'fpr'"),
        ({"series": {"fpr": (0.0,)}}, "it lacks the series 'tpr'"),
        ({"series": {"fpr": (0.0, 1.0), "tpr": (0.0,)}}, "the series fpr, tpr differ in length"),
        ({"series": {"fpr": (), "tpr": ()}}, "there is nothing to draw"),
        ({"series": {"fpr": (NAN, 1), "tpr": (1, INF)}}, "there is nothing to draw"),
        ({"series": {"fpr": (0, 1e300), "tpr": (0, 1)}}, "it holds numbers beyond 1e+12"),
        ({"kind": "pie"}, "there is no drawing of kind 'pie'"),
        (
            {"kind": "confusion", "labels": ("a", "b"), "series": {"counts": (1, 2, 3)}},
            "3 counts do not fit 2 labels",
        ),
        ({"kind": "confusion", "series": {"counts": (1,)}}, "1 counts do not fit 0 labels"),
        (
            {"kind": "confusion", "labels": ("a",), "series": {"counts": (-1,)}},
            "1 counts do not fit 1 labels",
        ),
    ],
)
def test_a_malformed_plot_is_left_out_with_a_sentence(
    gate_failed: Result, fields: dict[str, Any], reason: str
) -> None:
    found = only(gate_failed, **fields)
    assert found == Missing("plot", f"The plot “A plot” is left out: {reason}.")


def test_a_malformed_plot_makes_no_file(gate_failed: Result) -> None:
    broken = Plot(id="gone", kind="roc", title="x")
    assert plots_png(gate_failed.model_copy(update={"plots": (broken,)})) == {}


def test_rows_that_hold_no_number_are_passed_over(gate_failed: Result) -> None:
    series = {"predicted": (0.1, 0.5), "observed": (0.2, NAN), "count": (10.0, 0.0)}
    found = only(gate_failed, kind="calibration", series=series)
    assert isinstance(found, Picture)
    assert found.description.startswith("The largest gap is 0.100")


@pytest.mark.parametrize(
    ("kind", "series"),
    [
        ("roc", {"fpr": (0.5,), "tpr": (0.5,)}),
        ("calibration", {"predicted": (0.5,), "observed": (0.5,), "count": (0.0,)}),
        ("residuals", {"left": (0.0,), "right": (0.0,), "count": (0.0,)}),
        (
            "predicted-true",
            dict.fromkeys(BINS, (3.0,)),
        ),
    ],
)
def test_a_single_point_is_enough(
    gate_failed: Result, kind: str, series: dict[str, tuple[float, ...]]
) -> None:
    assert isinstance(only(gate_failed, kind=kind, series=series), Picture)


def test_a_confusion_matrix_of_no_rows_is_drawn(gate_failed: Result) -> None:
    found = only(gate_failed, kind="confusion", labels=("a",), series={"counts": (0.0,)})
    assert isinstance(found, Picture)


def test_a_long_curve_stays_a_small_picture(gate_failed: Result) -> None:
    rate = tuple(step / 99_999 for step in range(100_000))
    found = only(gate_failed, series={"fpr": rate, "tpr": rate})
    assert isinstance(found, Picture)
    assert len(found.svg) < 100_000
