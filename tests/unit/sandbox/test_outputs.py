import pytest

from labrun import wire
from labrun.domain.evidence import Ending
from labrun.sandbox import outputs
from labrun.sandbox.base import PhaseEnded


def test_a_pickled_model_stays_opaque_bytes() -> None:
    evil = b"cos\nsystem\n(S'touch /tmp/owned'\ntR."
    assert wire.from_bytes(outputs.model_files(evil)) == {"model.pkl": evil}


@pytest.mark.parametrize(
    ("value", "ending"),
    [
        ({}, Ending.NO_OUTPUT),
        ("text", Ending.INVALID_OUTPUT),
        ({"../x": b""}, Ending.INVALID_OUTPUT),
        ({"a\nb": b""}, Ending.INVALID_OUTPUT),
        ({"-x": b""}, Ending.INVALID_OUTPUT),
        ({"x": 1}, Ending.INVALID_OUTPUT),
        ({str(n): b"" for n in range(65)}, Ending.INVALID_OUTPUT),
    ],
)
def test_only_well_named_files_of_bytes_are_a_model(value: object, ending: Ending) -> None:
    with pytest.raises(PhaseEnded) as caught:
        outputs.model_files(value)
    assert caught.value.ending is ending


def test_csv_columns_are_numbers_where_all_cells_are() -> None:
    body = b"prediction,label\n1.5,a\nnan,b\n"
    found = wire.from_bytes(outputs.table_file({"p.csv": body}, "p.csv"))
    assert found["prediction"][0] == 1.5
    assert found["label"].tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "wrote no /out/p.csv"),
        (None, "wrote no /out/p.csv"),
        ({"p.csv": b""}, "needs a header"),
        ({"p.csv": b"a,a\n1,2\n"}, "distinct names"),
        ({"p.csv": b"a,b\n1\n"}, "line 2 has 1 cells, not 2"),
        ({"p.csv": b"\xff\xfe"}, "not a CSV file"),
        ({"p.csv": b'a\n"open'}, "not a CSV file"),
        ({"p.csv": b"a\n" + b"9" * 20_000}, "10,000 characters"),
    ],
)
def test_a_bad_csv_says_what_is_wrong(files: object, said: str) -> None:
    with pytest.raises(PhaseEnded, match=said):
        outputs.table_file(files, "p.csv")
