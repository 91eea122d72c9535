import xml.etree.ElementTree as ET

import pytest
from benchmarks.drawing import Span, bars, waterfall
from benchmarks.measures import (
    Measure,
    as_json,
    compare,
    from_json,
    judge,
    quantile,
    ratio_of_pairs,
    table,
)
from benchmarks.warm import in_mb


def test_a_ratio_is_the_median_of_the_ratios_of_pairs() -> None:
    # the machine was ten times slower during the second pair: the ratio does not see it
    assert ratio_of_pairs([(1, 2), (10, 20), (3, 2)]) == 0.5


def test_no_pair_is_no_ratio() -> None:
    with pytest.raises(ValueError, match="needs a pair"):
        ratio_of_pairs([])


def test_a_quantile_is_a_value_that_was_seen() -> None:
    values = [float(each) for each in range(1, 101)]
    assert (quantile(values, 0.5), quantile(values, 0.95), quantile(values, 1)) == (50, 95, 100)
    assert quantile([7.0], 0.95) == 7
    with pytest.raises(ValueError, match="no quantile"):
        quantile([], 0.5)


def test_ratios_and_sizes_are_judged_and_seconds_are_not() -> None:
    kept = Measure("a", 0.5, "ratio", 0.6)
    over = Measure("b", 0.7, "ratio", 0.6)
    fat = Measure("c", 300, "MB", 200)
    slow = Measure("d", 99, "s", 1)
    free = Measure("e", 99, "ratio")
    assert judge([kept, over, fat, slow, free]) == [over, fat]


def test_where_more_is_better_less_is_judged() -> None:
    few = Measure("throughput", 0.8, "ratio", 0.9, better="higher")
    many = Measure("throughput", 0.9, "ratio", 0.9, better="higher")
    assert judge([few, many]) == [few]


def test_a_move_says_which_way_is_worse() -> None:
    before = [
        Measure("warm", 0.5, "ratio"),
        Measure("throughput", 1.0, "ratio", better="higher"),
        Measure("start", 3.0, "ratio"),
    ]
    now = [
        Measure("warm", 0.75, "ratio"),
        Measure("throughput", 2.0, "ratio", better="higher"),
        Measure("start", 3.3, "ratio"),
    ]
    moves = compare(now, before)
    assert [(each.name, each.word) for each in moves] == [
        ("warm", "worse"),
        ("throughput", "better"),
        ("start", "same"),
    ]
    assert [each.by for each in moves] == pytest.approx([1.5, 0.5, 1.1])


def test_seconds_and_what_is_new_are_not_compared() -> None:
    before = [Measure("warm", 1, "s"), Measure("old", 1, "ratio")]
    now = [Measure("warm", 9, "s"), Measure("warm", 9, "ratio"), Measure("new", 1, "ratio")]
    assert compare(now, before) == []


def test_json_gives_back_what_was_written() -> None:
    found = [Measure("a", 0.5, "ratio", 0.6, note="to b"), Measure("c", 3, "MB", better="higher")]
    assert from_json(as_json(found, quick=True)) == found


def test_a_table_says_what_is_over() -> None:
    lines = table([Measure("a", 0.7, "ratio", 0.6), Measure("b", 2, "s", 1)]).splitlines()
    assert lines[0].endswith("<= 0.6    OVER")
    assert lines[1].endswith("<= 1      (over)")


@pytest.mark.parametrize(
    ("text", "expected"), [("71.5MiB", 71.5), ("2GiB", 2048), ("512KiB", 0.5), ("1048576B", 1)]
)
def test_the_engine_writes_memory_in_powers_of_two(text: str, expected: float) -> None:
    assert in_mb(text) == expected


def test_pictures_are_well_formed_and_name_everything() -> None:
    drawn = bars([Measure("a < b", 0.5, "ratio", 0.6), Measure("c", 9, "MB", 3)])
    assert "a < b" in [each.text for each in ET.fromstring(drawn).iter()]  # noqa: S314  (our own)
    fall = waterfall("run", [Span("fit", 0, 0.5), Span("predict", 0.5, 1)], [("verdict", 1)])
    texts = [each.text for each in ET.fromstring(fall).iter() if each.text]  # noqa: S314
    assert {"fit", "predict", "500 ms", "verdict: 1.00 s"} <= set(texts)
