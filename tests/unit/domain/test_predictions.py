"""Predictions that were handed in: what is read, and what is said of the rest."""

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrun.domain.predictions import MAX_CELL, Table, WrongTableError, aligned, csv_table

IDS = [7, 8, 9]


def prices(body: bytes, ids: list[int] | list[str] | None = None) -> list[float] | list[str]:
    table = csv_table("p.csv", body)
    return aligned("p.csv", table, ids or IDS, id="id", columns={"price": "number"})["price"]


def test_predictions_are_put_in_the_order_of_the_questions() -> None:
    assert prices(b"price,id\r\n3,9\r\n1,7\r\n2.5e0,8\r\n\r\n") == [1, 2.5, 3]


def test_a_byte_order_mark_and_whole_ids_written_as_floats_are_understood() -> None:
    assert prices(b"\xef\xbb\xbfid,price\n7.0,1\n08,2\n9,3\n") == [1, 2, 3]


def test_ids_that_are_text_are_compared_as_text() -> None:
    assert prices(b"id,price\n07,1\n7,2\n", ["7", "07"]) == [2, 1]


def test_numbers_and_texts_of_a_table_opened_elsewhere_are_held_to_the_same_rules() -> None:
    table: Table = {"id": [8.0, 7.0], "name": ["b", "a"]}
    found = aligned("p.parquet", table, [7, 8], id="id", columns={"name": "text"})
    assert found == {"name": ["a", "b"]}
    for missing in (None, math.nan, ""):
        with pytest.raises(WrongTableError, match=r"row 1: column 'name': .* is not text"):
            aligned("p", {"id": [7], "name": [missing]}, [7], id="id", columns={"name": "text"})


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", r"p.csv:1: needs a header"),
        (b"id,id\n1,2\n", r"p.csv:1: needs a header .* distinct"),
        (b"id,price\n7\n", r"p.csv:2: has 1 cells, expected 2"),
        (b'id,price\n7,"1\n', r"p.csv:\d: is not CSV"),
        (b"id,price\n7,\xff\n", r"p.csv:2: is not UTF-8"),
        (b"id,price\n7,\0\n", r"p.csv:2: holds a NUL"),
        (b"id,price\n7," + b"1" * (MAX_CELL + 1) + b"\n", r"p.csv:2: has a cell of more than"),
        (b"id,Price\n7,1\n", r"lacks the column 'price': it has 'Price'"),
        (b"id,price,x\n7,1,1\n", r"has a column 'x', expected only id, price"),
        (b"id,price\n7,1\n8,2\n", r"lacks 1 of 3 ids, the first is '9'"),
        (b"id,price\n7,1\n7,2\n8,2\n9,2\n", r"row 2: column 'id': '7' stands there twice"),
        (b"id,price\n7,1\n8,2\n1,2\n", r"row 3: column 'id': '1' is not an id .*'7' is"),
        (b"id,price\n7.5,1\n", r"row 1: column 'id': '7.5' is not an id"),
        (b"id,price\n7,1\n8,nan\n9,1\n", r"row 2: column 'price': 'nan' is not a finite number"),
        (b"id,price\n7,1e999\n8,1\n9,1\n", r"row 1: .*'1e999' is not a finite"),
        (b"id,price\n7,1_0\n8,1\n9,1\n", r"row 1: .*'1_0' is not a finite"),
        (b"id,price\n7,\xd9\xa1\n8,1\n9,1\n", r"row 1: .*u0661.* is not a finite"),
        (b"id,price\n7,\x1b[2J\n8,1\n9,1\n", r"row 1: .*x1b\[2J' is not a finite"),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_nothing_in_it_acts(
    body: bytes, said: str
) -> None:
    with pytest.raises(WrongTableError, match=said) as caught:
        prices(body)
    assert str(caught.value).isprintable()


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    found: list[float] | list[str] = []
    with contextlib.suppress(WrongTableError):
        found = prices(body)
    assert len(found) in (0, len(IDS))


@given(st.permutations(range(30)))
def test_any_order_of_rows_gives_the_same_predictions(order: list[int]) -> None:
    rows = "".join(f"{row},{row * 2}\n" for row in order)
    body = f"id,price\n{rows}".encode()
    assert prices(body, list(range(30))) == [2 * row for row in range(30)]
