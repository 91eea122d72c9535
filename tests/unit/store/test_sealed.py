import hashlib
import json
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labrun.errors import LabError, StoreError, UserError
from labrun.store.lab_keys import LabKey
from labrun.store.sealed import SealedReader, unpack, write_sealed
from labrun.store.sealed_header import read_header
from labrun.store.sealed_records import CHUNK, About, Entry, safe_path

KEY = LabKey(b"k" * 32)
ABOUT = About(slug="x01", version="1.0.0", lab_digest="d" * 64, clear={})
BODIES = {
    "lab/hidden/test_it.py": b"assert True\n",
    "lab/empty.py": b"",
    "tables/truth.csv": b"y\n1\n0\n",
}
MAGIC = b"labrun sealed lab, format 1\n"


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("sources")
    for name, body in BODIES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(body)
    return {name: root / name for name in BODIES}


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory, sources: dict[str, Path]) -> Path:
    path = tmp_path_factory.mktemp("sealed") / "sealed.labrun"
    write_sealed(path, sources, key=KEY, about=ABOUT)
    return path


def read(path: Path, key: LabKey = KEY) -> dict[str, bytes]:
    with SealedReader(path, key) as reader:
        return {entry.path: b"".join(pieces) for entry, pieces in reader.bodies()}


def test_every_file_comes_back_byte_for_byte(sealed: Path, tmp_path: Path) -> None:
    assert read(sealed) == BODIES
    unpack(sealed, KEY, tmp_path)
    found = {
        path.relative_to(tmp_path).as_posix(): path.read_bytes()
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    assert found == BODIES


def test_nothing_sealed_can_be_read_without_the_key(sealed: Path) -> None:
    body = sealed.read_bytes()
    texts = [*map(str.encode, BODIES), *filter(None, BODIES.values())]
    assert not [text for text in texts if text in body]
    assert not [digest for digest in map(_digest, BODIES.values()) if digest.encode() in body]


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def test_sealing_twice_gives_different_bytes(sources: dict[str, Path], tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_sealed(tmp_path / name, sources, key=KEY, about=ABOUT)
    one, two = (tmp_path / name for name in ("one", "two"))
    assert read_header(one).salt != read_header(two).salt
    assert one.read_bytes()[-64:] != two.read_bytes()[-64:]


def test_a_file_of_several_chunks_comes_back(tmp_path: Path) -> None:
    body = bytes(range(256)) * (10 * CHUNK // 4 // 256) + b"end"
    (tmp_path / "raw").write_bytes(body)
    write_sealed(tmp_path / "s", {"dataset/raw": tmp_path / "raw"}, key=KEY, about=ABOUT)
    assert read(tmp_path / "s") == {"dataset/raw": body}


def test_executable_files_stay_so_and_nobody_else_reads_any(tmp_path: Path) -> None:
    (tmp_path / "run.sh").write_text("#!/bin/sh\n")
    (tmp_path / "run.sh").chmod(0o755)
    (tmp_path / "notes").write_text("x")
    sources = {"lab/run.sh": tmp_path / "run.sh", "lab/notes": tmp_path / "notes"}
    write_sealed(tmp_path / "s", sources, key=KEY, about=ABOUT)
    (tmp_path / "out").mkdir()
    unpack(tmp_path / "s", KEY, tmp_path / "out")
    modes = {name: (tmp_path / "out" / name).stat().st_mode & 0o777 for name in sources}
    assert modes == {"lab/run.sh": 0o700, "lab/notes": 0o600}


def test_another_key_is_told_from_damage_by_its_id(sealed: Path) -> None:
    other = LabKey(b"o" * 32)
    with pytest.raises(UserError, match="sealed with another key") as caught:
        read(sealed, other)
    assert not isinstance(caught.value, LabError)
    assert KEY.id in str(caught.value)
    assert other.id in str(caught.value)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(at=st.integers(min_value=0), flip=st.integers(1, 255))
def test_any_changed_byte_is_refused(sealed: Path, tmp_path: Path, at: int, flip: int) -> None:
    body = bytearray(sealed.read_bytes())
    body[at % len(body)] ^= flip
    (tmp_path / "changed").write_bytes(body)
    with pytest.raises(LabError) as caught:
        read(tmp_path / "changed")
    assert caught.value.help


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(size=st.integers(min_value=0))
def test_any_cut_is_refused(sealed: Path, tmp_path: Path, size: int) -> None:
    body = sealed.read_bytes()
    (tmp_path / "cut").write_bytes(body[: size % len(body)])
    with pytest.raises(LabError):
        read(tmp_path / "cut")


def test_a_tail_is_refused(sealed: Path, tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(sealed.read_bytes() + b"\0")
    with pytest.raises(LabError, match="cut short or added to"):
        read(tmp_path / "long")


def test_a_newer_format_is_named(sealed: Path, tmp_path: Path) -> None:
    body = sealed.read_bytes()
    (tmp_path / "newer").write_bytes(body.replace(b"format 1\n", b"format 2\n", 1))
    with pytest.raises(LabError, match="has format 2, and this labrun reads format 1"):
        read(tmp_path / "newer")


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04", b"labrun sealed lab, format", b"\0" * 100])
def test_what_is_no_sealed_file_is_refused(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "other").write_bytes(body)
    with pytest.raises(LabError, match="not a sealed lab"):
        read_header(tmp_path / "other")


def reheaded(path: Path, change: Callable[[dict[str, object]], object]) -> bytes:
    """Return the file with another header, its digest made to fit: what a forger can do."""
    body = path.read_bytes()
    start = len(MAGIC) + 4
    length = struct.unpack(">I", body[start - 4 : start])[0]
    header = json.loads(body[start : start + length])
    change(header)
    new = json.dumps(header, separators=(",", ":")).encode()
    opening = MAGIC + struct.pack(">I", len(new)) + new
    return opening + hashlib.sha256(opening).digest() + body[start + length + 32 :]


@pytest.mark.parametrize(
    "change",
    [
        lambda header: header["lab"].update(slug="x02"),
        lambda header: header["lab"].update(version="1.0.1"),
        lambda header: header["lab"].update(lab_digest="e" * 64),
        lambda header: header["lab"]["clear"].update(
            {"starter/solution.py": {"size": 0, "sha256": "0" * 64}}
        ),
        lambda header: header.update(salt="0" * 64),
        lambda header: header.update(chunk=CHUNK // 2),
        lambda header: header.update(nonce="0" * 14),
    ],
)
def test_a_header_forged_with_a_fitting_digest_does_not_open(
    sealed: Path, tmp_path: Path, change: Callable[[dict[str, object]], object]
) -> None:
    (tmp_path / "forged").write_bytes(reheaded(sealed, change))
    with pytest.raises(LabError, match="is damaged"):
        read(tmp_path / "forged")


@pytest.mark.parametrize(
    "path", ["../out", "/etc/passwd", "a/../b", "a//b", "a\\b", "a\nb", "", ".", "x" * 500]
)
def test_a_header_with_an_odd_path_is_refused(sealed: Path, tmp_path: Path, path: str) -> None:
    def change(header: dict[str, object]) -> None:
        lab = header["lab"]
        assert isinstance(lab, dict)
        lab["clear"] = {path: {"size": 0, "sha256": "0" * 64}}

    (tmp_path / "forged").write_bytes(reheaded(sealed, change))
    with pytest.raises(LabError, match="header that cannot be read"):
        read_header(tmp_path / "forged")


def test_a_plain_path_is_taken() -> None:
    assert safe_path("hidden/données.csv") == "hidden/données.csv"
    assert Entry(path="a/b.c", size=0, sha256="0" * 64).executable is False


def test_an_odd_name_is_not_sealed(tmp_path: Path) -> None:
    (tmp_path / "a\nb").write_text("x")
    with pytest.raises(LabError, match="not a plain name"):
        write_sealed(tmp_path / "s", {"lab/a\nb": tmp_path / "a\nb"}, key=KEY, about=ABOUT)


def test_a_file_that_changes_while_it_is_sealed_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "first").write_text("x")
    (tmp_path / "second").write_text("before")

    def change(_name: str) -> str:
        (tmp_path / "second").write_text("behind")
        return "00" * 32

    monkeypatch.setattr(
        "labrun.store.sealed.secrets.token_hex", lambda size: change("")[: 2 * size]
    )
    with pytest.raises(LabError, match="changed while it was being sealed"):
        write_sealed(
            tmp_path / "s",
            {name: tmp_path / name for name in ("first", "second")},
            key=KEY,
            about=ABOUT,
        )


def test_a_place_that_cannot_be_written_is_the_platform_s_fault(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        write_sealed(tmp_path / "no" / "s", {}, key=KEY, about=ABOUT)


@pytest.mark.parametrize("chunk", [0, 1, 2])
def test_damage_in_any_chunk_of_a_large_file_is_noticed(tmp_path: Path, chunk: int) -> None:
    (tmp_path / "raw").write_bytes(b"r" * (2 * CHUNK + 5))
    write_sealed(tmp_path / "s", {"dataset/raw": tmp_path / "raw"}, key=KEY, about=ABOUT)
    body = bytearray((tmp_path / "s").read_bytes())
    body[-(2 - chunk) * CHUNK - 100 if chunk < 2 else -20] ^= 1
    (tmp_path / "s").write_bytes(body)
    with pytest.raises(LabError, match="is damaged"):
        read(tmp_path / "s")
