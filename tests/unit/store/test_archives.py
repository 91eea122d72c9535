import gzip
import io
import tarfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.attacks.packing import CENTRAL, LOCAL, Entry, pax, tar, tgz, with_header, zipped

from labrun.domain.lab import CheckSpec, Lab, SubmissionRules
from labrun.errors import SubmissionError
from labrun.store import archive_members, archives, tar_members
from labrun.store.archives import is_archive_name, stem_of
from labrun.store.bundles import collect
from labrun.store.intake import Collected, unsafe_name

# The cases `archive-…` of tests/attacks hold every refusal; here is what they cannot.
WORK = (Entry("solution.py", b"x = 1\n" * 50), Entry("features.py", b"y = 2\n"))
PACKERS = {"work.zip": zipped, "work.tar": tar, "work.tar.gz": tgz, "work.tgz": tgz}
SIZE = slice(124, 136)


def lab(**rules: Any) -> Lab:
    return Lab(
        schema="labrun/v1",
        slug="x01-tiny",
        version="1.0.0",
        title="A tiny lab",
        track="core",
        minutes=5,
        submission=SubmissionRules(**{"require": ("solution.py",), **rules}),
        checks=(CheckSpec(id="runs", type="phase"),),
    )


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("archives")


def collected(folder: Path, body: bytes, name: str = "work.tar", **rules: Any) -> Collected:
    (folder / name).write_bytes(body)
    return collect(lab(**rules), folder / name)


def refusal(folder: Path, body: bytes, name: str = "work.tar", **rules: Any) -> str:
    with pytest.raises(SubmissionError) as caught:
        collected(folder, body, name, **rules)
    assert caught.value.help
    return str(caught.value).replace(str(folder / name), "WORK")


def left_out(found: Collected) -> dict[str, str]:
    return {each.path: each.why for each in found.left_out}


@pytest.mark.parametrize("name", PACKERS)
def test_an_archive_is_the_same_submission_as_its_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    for each in WORK:
        (folder / each.name).write_bytes(each.body)
    from_folder = collect(lab(), folder).submission
    assert collected(tmp_path, PACKERS[name](*WORK), name).submission == from_folder


@pytest.mark.parametrize(
    "format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT], ids=["u", "g", "p"]
)
def test_long_names_of_every_kind_of_tar_are_read(tmp_path: Path, format: int) -> None:
    long = f"{'a' * 60}/{'b' * 80}.py"
    found = collected(tmp_path, tar(*WORK, Entry(long, b"z"), format=format))
    assert found.submission.files[long] == b"z"


@pytest.mark.parametrize("name", ["work.zip", "work.tar.gz"])
@pytest.mark.parametrize("top", ["work/", "My Work (2)/", "./work/"])
def test_the_one_folder_round_everything_is_taken_away(tmp_path: Path, name: str, top: str) -> None:
    entries = [Entry(top + each.name, each.body) for each in WORK]
    litter = Entry("__MACOSX/x/._solution.py", b"\0"), Entry(top + "notes.txt")
    found = collected(tmp_path, PACKERS[name](*entries, *litter), name)
    assert sorted(found.submission.files) == ["features.py", "solution.py"]
    assert left_out(found) == {
        "__MACOSX/": "is not your work",
        "notes.txt": "is not among *.py",
    }


def test_a_top_folder_that_the_lab_asks_for_stays(tmp_path: Path) -> None:
    found = collected(tmp_path, tar(Entry("src/a.py", b"x")), require=("src/a.py",))
    assert list(found.submission.files) == ["src/a.py"]


def test_of_two_top_folders_none_is_taken_away(tmp_path: Path) -> None:
    body = tar(Entry("work/solution.py", b"x"), Entry("more/extra.py", b"x"))
    assert "lacks solution.py" in refusal(tmp_path, body)


def test_what_lies_in_unwanted_folders_is_one_line_whatever_it_is(tmp_path: Path) -> None:
    python = Entry("venv/bin/python", type=tarfile.SYMTYPE, link="/usr/bin/python3")
    body = tar(*WORK, python, Entry("venv/lib/x.py"), Entry(".git/HEAD"), Entry("tests/t.py"))
    assert list(left_out(collected(tmp_path, body))) == [".git/", "tests/", "venv/"]


def test_a_comment_for_all_members_as_git_writes_it_is_passed_over(tmp_path: Path) -> None:
    body = pax("pax_global_header", b"", {"comment": "a" * 40}, type=b"g") + tar(*WORK)
    assert len(collected(tmp_path, body).submission.files) == 2


def test_a_size_in_binary_is_read_where_it_is_true(tmp_path: Path) -> None:
    def binary(block: bytearray) -> None:
        block[SIZE] = b"\x80" + len(WORK[0].body).to_bytes(11)

    body = with_header(tar(*WORK, format=tarfile.USTAR_FORMAT), binary)
    assert collected(tmp_path, body).submission.files["solution.py"] == WORK[0].body


def test_the_rules_of_the_lab_hold_for_archives(tmp_path: Path) -> None:
    assert "WORK holds 2 files to send; the lab allows 1" in refusal(
        tmp_path, tar(*WORK), max_files=1
    )
    assert "WORK/solution.py is empty" in refusal(tmp_path, tar(Entry("solution.py", b" \n")))
    assert "0.0 MB to send" in refusal(tmp_path, zipped(*WORK), "work.zip", max_mb=0.0001)
    assert "lacks other.py" in refusal(tmp_path, zipped(*WORK), "w.zip", require=("other.py",))


def test_a_limit_holds_to_the_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = tar(*WORK)
    monkeypatch.setattr(archives, "MAX_BYTES", len(body))
    monkeypatch.setattr(tar_members, "MAX_UNPACKED", len(body))
    monkeypatch.setattr(archives, "MAX_MEMBERS", 2)
    monkeypatch.setattr(archives, "MAX_MEMBER", len(WORK[0].body))
    assert len(collected(tmp_path, body).submission.files) == 2
    monkeypatch.setattr(archives, "MAX_MEMBER", len(WORK[0].body) - 1)
    assert "'solution.py' of more than" in refusal(tmp_path, body)
    monkeypatch.setattr(archives, "MAX_MEMBERS", 1)
    assert "more than 1 entries" in refusal(tmp_path, body)
    monkeypatch.setattr(tar_members, "MAX_UNPACKED", len(body) - 1)
    assert "unpacks to more than" in refusal(tmp_path, gzip.compress(body), "work.tgz")
    monkeypatch.setattr(archives, "MAX_BYTES", len(body) - 1)
    assert "WORK has more than" in refusal(tmp_path, body)


def test_an_archive_is_known_by_its_name_alone(tmp_path: Path) -> None:
    names = ("a.zip", "a.TAR.GZ", "a.tgz", "a.tar")
    assert [is_archive_name(name) for name in names] == [True] * 4
    assert [stem_of(name) for name in names] == ["a"] * 4
    assert not is_archive_name("solution.py")
    assert stem_of("zip") == "zip"
    assert "is a file, expected a folder" in refusal(tmp_path, zipped(*WORK), "work.rar")


def test_an_archive_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match=r"gone\.zip cannot be read: No such file"):
        archives.collect_archive(lab(), tmp_path / "gone.zip")


def test_a_gzip_bomb_takes_no_more_memory_than_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tar_members, "MAX_UNPACKED", 10_000)
    with pytest.raises(SubmissionError, match="unpacks to more than"):
        list(tar_members.tar_members(gzip.compress(bytes(50_000_000)), "WORK"))


NAMES = st.text(min_size=1, max_size=30) | st.sampled_from(
    ["solution.py", "./solution.py", "../x.py", "/x.py", "a/b.py", "a", "A.py", "a.py", "-f.py"]
)
TYPES = st.sampled_from([tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.FIFOTYPE])
ENTRIES = st.lists(
    st.builds(Entry, NAMES, st.binary(max_size=600), TYPES, st.just(""), st.just(0o644)), max_size=6
)
QUICK = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def tries(scratch: Path, body: bytes) -> Collected | None:
    """Return what was taken, having seen that it is safe; None where it was refused."""
    found, said = None, ""
    try:
        found = collected(scratch, body, "work.zip", allow=("*",), max_mb=0.5)
    except SubmissionError as error:
        said = str(error)
    if found is None:
        assert said.isprintable()
        assert len(said) < 1000
        return None
    files = found.submission.files
    assert "solution.py" in files
    assert not [path for path in files if unsafe_name(path) or ".." in path]
    assert sum(map(len, files.values())) <= 500_000
    assert all(each.path.isprintable() for each in found.left_out)
    folders = {path.rpartition("/")[0] for path in files}
    assert not folders & files.keys()
    return found


@QUICK
@given(
    body=st.binary(max_size=3000),
    magic=st.sampled_from([b"", LOCAL, tar_members.GZIP, b"\x1f\x8b\x08\0"]),
)
def test_random_bytes_are_refused(scratch: Path, body: bytes, magic: bytes) -> None:
    assert tries(scratch, magic + body) is None


@QUICK
@given(entries=ENTRIES, packer=st.sampled_from([tar, tgz]))
def test_a_random_tar_is_taken_safely_or_refused(
    scratch: Path, entries: list[Entry], packer: Any
) -> None:
    plain = [each if each.type == tarfile.REGTYPE else each._replace(body=b"") for each in entries]
    try:
        body = packer(*WORK[:1], *plain)
    except (UnicodeEncodeError, ValueError):
        return  # tarfile itself cannot write such a name
    if found := tries(scratch, body):
        with tarfile.open(fileobj=io.BytesIO(body)) as archive:
            for path, said in found.submission.files.items():
                real = [each for each in archive if each.name.removeprefix("./") == path]
                assert [archive.extractfile(each).read() for each in real] == [said]  # type: ignore[union-attr]


@QUICK
@given(entries=ENTRIES)
def test_a_random_zip_is_taken_safely_or_refused(scratch: Path, entries: list[Entry]) -> None:
    try:
        body = zipped(*WORK[:1], *entries)
    except UnicodeEncodeError:
        return
    tries(scratch, body)


HONEST = {
    "zip": zipped(*WORK, Entry("a/b.txt", b"text")),
    "tar": tar(*WORK, Entry("a/b.txt", b"text")),
    "tgz": tgz(*WORK, Entry("a/b.txt", b"text")),
    "pax": pax("short.py", b"body", {"path": "long.py"}) + tar(*WORK),
}


@settings(QUICK, max_examples=250)
@given(
    kind=st.sampled_from(sorted(HONEST)),
    changes=st.lists(st.tuples(st.integers(0), st.integers(0, 255)), min_size=1, max_size=8),
    cut=st.none() | st.integers(0),
)
def test_a_damaged_archive_is_taken_safely_or_refused(
    scratch: Path, kind: str, changes: list[tuple[int, int]], cut: int | None
) -> None:
    body = bytearray(HONEST[kind].rstrip(b"\0") + bytes(1024))
    for at, value in changes:
        body[at % len(body)] = value
    tries(scratch, bytes(body[: cut % len(body)] if cut is not None else body))


@settings(QUICK, max_examples=150)
@given(field=st.binary(min_size=12, max_size=12), type=st.binary(min_size=1, max_size=1))
def test_no_size_or_type_of_a_tar_header_leads_astray(
    scratch: Path, field: bytes, type: bytes
) -> None:
    def change(block: bytearray) -> None:
        block[SIZE] = field
        block[156:157] = type

    tries(scratch, with_header(HONEST["tar"], change))


@settings(QUICK, max_examples=150)
@given(at=st.integers(0, 45), value=st.binary(min_size=1, max_size=8), local=st.booleans())
def test_no_field_of_a_zip_header_leads_astray(
    scratch: Path, at: int, value: bytes, local: bool
) -> None:
    body = HONEST["zip"]
    start = body.index(LOCAL if local else CENTRAL) + at
    tries(scratch, body[:start] + value + body[start + len(value) :])


def test_a_refusal_bounds_what_it_quotes() -> None:
    assert archive_members.quoted("a" * 1000) == f"'{'a' * 60}…'"
    assert archive_members.quoted("\x1b[2J") == "'\\x1b[2J'"
