import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.store.test_bundles import lab, put, refusal

from labrun.store.bundles import collect, unsafe_name
from labrun.store.intake import printable


@pytest.fixture
def work(tmp_path: Path) -> Path:
    put(tmp_path, "work/solution.py", "x = 1\n")
    return tmp_path / "work"


@pytest.mark.parametrize(
    "names", [("a.py", "A.py"), ("pkg/x.py", "Pkg/y.py"), ("pkg.py/a.py", "PKG.py")]
)
def test_names_that_differ_only_in_case_are_refused(work: Path, names: tuple[str, str]) -> None:
    for name in names:
        put(work, name)
    message, help_ = refusal(work)
    assert "which differ only in case" in message
    assert help_ == "rename one of them"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("-rf.py", "has a name that starts with '-'"),
        ("a\nb.py", "has a name with other characters"),
        ("a\x1b[31m.py", "has a name with other characters"),
        ("a\u202eyp.exe.py", "has a name with other characters"),
        ("a\\b.py", "has a name with other characters"),
        ("my file.py", "has a name with other characters"),
        ("größe.py", "has a name with other characters"),
        ("a" * 98 + ".py", "has a name of more than 100 characters"),
        (".hidden.py", "is hidden"),
    ],
)
def test_a_file_with_an_unsafe_name_is_left_out_and_shown_printably(
    work: Path, name: str, why: str
) -> None:
    put(work, name)
    (each,) = collect(lab(), work).left_out
    assert each.why.startswith(why)
    assert each.path.isprintable()


def test_a_name_that_is_not_text_is_left_out_and_shown_printably(work: Path) -> None:
    with open(os.fsencode(work) + b"/caf\xe9.py", "wb"):  # noqa: PTH123  (Path takes no bytes)
        pass
    (each,) = collect(lab(), work).left_out
    assert each.path == "caf\\udce9.py"


@given(st.text(max_size=120))
def test_a_safe_path_is_plain_relative_and_shallow(path: str) -> None:
    if unsafe_name(path) is None:
        parts = path.split("/")
        assert path.isascii()
        assert path.isprintable()
        assert len(parts) <= 5
        assert all(part and part[0] not in ".-" and part not in ("..", ".") for part in parts)
        assert not set(path) & set("\\ \"'`$&|;<>*?~:!")


@given(
    st.lists(st.from_regex(r"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\Z"), min_size=1, max_size=5).map(
        "/".join
    )
)
def test_every_plain_path_is_safe(path: str) -> None:
    assert unsafe_name(path) is None


@given(st.text(alphabet=st.characters(categories=["Cc", "Cf", "Cs", "Co", "Zl", "Zp"]), min_size=1))
def test_a_name_with_a_character_that_shows_as_nothing_is_unsafe_and_printed_escaped(
    odd: str,
) -> None:
    assert unsafe_name(f"a{odd}.py")
    shown = printable(f"a{odd}.py")
    assert shown.isprintable()
    assert all(unicodedata.category(each) not in ("Cc", "Cf", "Cs") for each in shown)
