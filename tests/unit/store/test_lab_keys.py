import stat
from pathlib import Path

import pytest

from labrun.errors import UserError
from labrun.store.lab_keys import (
    KEY_BYTES,
    PREFIX,
    LabKey,
    key_of_text,
    make_key,
    read_key,
    refuse_key_within,
)


def test_a_new_key_is_readable_by_its_owner_alone_and_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "key"
    made = make_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_key(path).secret == made.secret
    assert len(made.secret) == KEY_BYTES


def test_two_new_keys_differ_and_have_different_ids(tmp_path: Path) -> None:
    one, two = make_key(tmp_path / "one"), make_key(tmp_path / "two")
    assert one.secret != two.secret
    assert one.id != two.id


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("precious")
    with pytest.raises(UserError, match="exists already"):
        make_key(path)
    assert path.read_text() == "precious"


def test_a_key_is_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="exists already"):
        make_key(tmp_path / "key")
    assert not (tmp_path / "elsewhere").exists()


def test_neither_the_id_nor_the_repr_gives_the_key_away() -> None:
    key = LabKey(bytes(range(KEY_BYTES)))
    assert key.text.removeprefix(PREFIX) not in repr(key)
    assert key.secret.hex()[:16] not in key.id


@pytest.mark.parametrize("text", ["", "hunter2", "labrun-key-2:AAAA", "\x00\x01"])
def test_what_is_no_key_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(UserError, match="holds no key") as caught:
        key_of_text(text, "the variable X")
    assert not text or text not in str(caught.value)


@pytest.mark.parametrize("change", [lambda text: text[:-4], lambda text: text[:20] + "!" * 27])
def test_a_key_cut_short_or_mistyped_is_refused_without_being_shown(change: object) -> None:
    text = LabKey(b"k" * KEY_BYTES).text
    assert callable(change)
    with pytest.raises(UserError, match="cut short or mistyped") as caught:
        key_of_text(change(text), "the variable X")
    assert text[20:30] not in str(caught.value)


def test_a_key_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nowhere.*cannot be read"):
        read_key(tmp_path / "nowhere")


def test_a_key_may_lie_neither_in_the_lab_nor_in_its_checkout(tmp_path: Path) -> None:
    lab = tmp_path / "course" / "labs" / "x01"
    lab.mkdir(parents=True)
    with pytest.raises(UserError, match="beside what it opens"):
        refuse_key_within(lab / "key", lab)
    refuse_key_within(tmp_path / "course" / "key", lab)
    (tmp_path / "course" / ".git").mkdir()
    with pytest.raises(UserError, match="beside what it opens"):
        refuse_key_within(tmp_path / "course" / "key", lab)
    refuse_key_within(tmp_path / "key", lab)


def test_a_link_does_not_hide_where_a_key_lies(tmp_path: Path) -> None:
    (tmp_path / "lab").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "lab")
    with pytest.raises(UserError, match="beside what it opens"):
        refuse_key_within(tmp_path / "link" / "key", tmp_path / "lab")
