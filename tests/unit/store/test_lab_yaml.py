import re
from pathlib import Path

import pytest

from labrun.domain.lab import Lab
from labrun.errors import LabError
from labrun.store.lab_yaml import locate, locate_key, read_record
from labrun.store.yaml_text import quote

LAB = """\
schema: labrun/v1
slug: x01-tiny
version: 1.0.0
title: A tiny lab
track: core
minutes: 5
submission:
  require: [solution.py]
limits: {wall_seconds: 60}
phases:
  - {name: fit, call: "solution:fit", input: train}
  - name: predict
    call: "solution:predict"
    input: features
checks:
  - {id: runs, type: phase, phase: predict, gate: true}
  - id: auc
    type: threshold
    points: 10
    needs: [runs]
controls:
  cheats: {leaky: auc}
"""


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "lab.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(folder: Path, text: str | bytes) -> str:
    path = written(folder, text)
    with pytest.raises(LabError) as caught:
        read_record(path, Lab)
    assert caught.value.help
    return str(caught.value).replace(f"{path}:", "").lstrip().replace(str(path), "lab.yaml")


def changed(old: str, new: str) -> str:
    assert LAB.count(old) == 1
    return LAB.replace(old, new)


def test_a_lab_that_is_right_is_read_with_the_options_of_its_checks(tmp_path: Path) -> None:
    lab = read_record(written(tmp_path, LAB), Lab)
    assert lab.slug == "x01-tiny"
    assert lab.phases[0].input == ("train",)
    assert lab.checks[0].options == {"phase": "predict"}


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    body = b"\xef\xbb\xbf" + LAB.replace("\n", "\r\n").encode()
    assert read_record(written(tmp_path, body), Lab).minutes == 5


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("minutes: 5", "minutes: soon", "6:10: minutes: found 'soon', expected a whole number"),
        ("minutes: 5", "minutes: 0", "6:10: minutes: found 0, expected more than 0"),
        ("minutes: 5", "minutes: [5]", "6:10: minutes: found a list of 1, expected a whole number"),
        ("minutes: 5", "minutes: .inf", "6:10: minutes: found inf, expected a finite number"),
        ("minutes: 5", "minutes:", "6:9: minutes: found nothing, expected a whole number"),
        ("minutes: 5", "minutes: 5.5", "6:10: minutes: found 5.5, expected a whole number"),
        (
            "version: 1.0.0",
            "version: 1.0",
            "3:10: version: found 1.0, expected text (in quotes where YAML would read",
        ),
        (
            "version: 1.0.0",
            "version: v1",
            "3:10: version: found 'v1', expected three numbers such as 1.0.0",
        ),
        (
            "slug: x01-tiny",
            "slug: X01 Tiny",
            "2:7: slug: found 'X01 Tiny', expected lower-case letters and digits",
        ),
        (
            "schema: labrun/v1",
            "schema: labrun/v9",
            "1:9: schema: found 'labrun/v9', expected 'labrun/v1'",
        ),
        ("title: A tiny lab", "title: A", "4:8: title: found 'A', expected at least 3 characters"),
        (
            "wall_seconds: 60",
            "wall_seconds: 9999",
            "9:24: limits.wall_seconds: found 9999, expected at most 3600",
        ),
        (
            "limits: {wall_seconds: 60}",
            "limits: 60",
            "9:9: limits: found 60, expected a mapping (key: value)",
        ),
        (
            "require: [solution.py]",
            "require: []",
            "8:12: submission.require: found a list of 0, expected at least 1 in the list",
        ),
        (
            "require: [solution.py]",
            "require: solution.py",
            "8:12: submission.require: found 'solution.py', expected a list",
        ),
        (
            'call: "solution:predict"',
            "call: predict",
            "13:11: phases[1].call: found 'predict', expected module:function",
        ),
        (
            "input: features",
            "input: My Table",
            "14:12: phases[1].input: found 'My Table', expected lower-case",
        ),
        (
            "input: features",
            "args: {k: [1]}",
            "14:15: phases[1].args.k: found a list of 1, expected true or false or a whole number",
        ),
        ("gate: true", "gate: maybe", "16:51: checks[0].gate: found 'maybe', expected true or"),
        ("points: 10", "points: -1", "19:13: checks[1].points: found -1, expected at least 0"),
        (
            "cheats: {leaky: auc}",
            "cheats: {Big Leak: auc}",
            "22:12: controls.cheats.Big Leak: found 'Big Leak', expected lower-case",
        ),
    ],
)
def test_a_wrong_value_is_named_with_its_place_and_what_was_expected(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    message = refusal(tmp_path, changed(old, new))
    assert message.startswith(said)
    assert "\n" not in message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("minutes: 5", "minuts: 5", "6:1: minuts: unknown key 'minuts', did you mean 'minutes'?"),
        (
            "schema: labrun",
            "schemas: labrun",
            "1:1: schemas: unknown key 'schemas', did you mean 's",
        ),
        (
            "schema: labrun",
            "schema_version: labrun",
            "1:1: schema_version: unknown key 'schema_version', did you mean 'schema'?",
        ),
        (
            "wall_seconds: 60",
            "wall_second: 60",
            "9:10: limits.wall_second: unknown key 'wall_second', did you mean 'wall_seconds'?",
        ),
        (
            "    input: features",
            "    limits: {memory: 3}",
            "14:14: phases[1].limits.memory: unknown key 'memory', did you mean 'memory_mb'?",
        ),
        (
            "track: core",
            "track: core\nleaderboard: {check: auc, stop: none}",
            "6:27: leaderboard.stop: unknown key 'stop', did you mean 'step'?",
        ),
        (
            "cheats: {leaky: auc}",
            "zzz: 1",
            "22:3: controls.zzz: unknown key 'zzz', known: solution, baseline, cheats",
        ),
    ],
)
def test_an_unknown_key_is_pointed_at_and_the_meant_one_offered(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    message = refusal(tmp_path, changed(old, new))
    assert message.startswith(said)
    assert "\n" not in message, "the key that is missing because of it is not named too"


def test_a_missing_key_is_placed_at_the_record_that_lacks_it(tmp_path: Path) -> None:
    text = changed("    type: threshold\n", "").replace("minutes: 5\n", "")
    assert refusal(tmp_path, text).splitlines() == [
        "1:1: minutes: missing, expected the key 'minutes'",
        "16:5: checks[1].type: missing, expected the key 'type'",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            '    call: "solution:predict"\n',
            "",
            "12:5: phases[1]: phase 'predict' needs one of: call, run",
        ),
        ("needs: [runs]", "needs: [x]", "1:1: the file: check 'auc' needs 'x', but no earlier"),
        ("name: predict\n", "name: fit\n", "1:1: the file: two phases are called 'fit'"),
        ("leaky: auc", "leaky: nope", "1:1: the file: there is no check called 'nope'"),
    ],
)
def test_what_a_record_says_of_itself_is_passed_on(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert refusal(tmp_path, changed(old, new)).startswith(said)


def test_unknown_keys_come_first_then_values_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = changed("track: core", "track: 7").replace("version: 1.0.0", "version: x")
    text = text.replace("points: 10", "points: ten").replace("limits:", "limit:")
    places = [line.split(" ")[0] for line in refusal(tmp_path, text).splitlines()]
    assert places == ["9:1:", "3:10:", "5:8:", "19:13:"]


def test_a_file_with_very_many_problems_names_twenty_and_counts_the_rest(tmp_path: Path) -> None:
    lines = refusal(tmp_path, LAB + "".join(f"zz{n}: 1\n" for n in range(50))).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "and 30 more problems"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("# only a comment\n", "the file is empty"),
        ("- a\n- b\n", "1:1: the file: found a list of 2, expected a mapping"),
        ("just words\n", "1:1: the file: found 'just words', expected a mapping"),
        ("slug: a\nlimits:\n\tcpus: 1\n", "3:1: found a tab, expected spaces"),
        ("slug: [a, b\nversion: 1\n", "2:8: not valid YAML: "),
        ("a: b: c\n", "1:5: not valid YAML: mapping values are not allowed"),
        ('title: "open\nslug: x\n', "3:1: not valid YAML: found unexpected end of stream"),
        ("a: 1\n---\nb: 2\n", "2:1: not valid YAML: but found another document"),
        ("slug: a\nslug: b\n", "2:1: the key 'slug' is given twice, first in line 1"),
        ("limits:\n  cpus: 1\n  cpus: 2\n", "3:3: the key 'cpus' is given twice, first in line 2"),
        ("yes: 1\n", "1:1: the key True is not text: put it in quotes"),
        ("[a]: 1\n", "1:1: the key a list of 1 is not text"),
        ("title: 2024-13-45\n", "1:8: '2024-13-45' is no valid number or date"),
        ("slug: a\x1b[31m\n", "1:8: the character '\\x1b' is not text"),
        ("a: &x [1]\nb: *x\n", "2:4: the alias '*x' is not read: write it out"),
        ("a: !!python/object/apply:os.system [ls]\n", "1:4: a tag (a word after '!') is not read"),
        ("a: !!int x\n", "1:4: a tag (a word after '!') is not read"),
        ("a: " + "[" * 500 + "]" * 500, "1:23: nested deeper than 20 levels"),
        ("a: " + "{a: " * 30 + "1" + "}" * 30, "1:80: nested deeper than 20 levels"),
    ],
)
def test_what_is_no_plain_yaml_mapping_is_refused_with_its_place(
    tmp_path: Path, text: str, said: str
) -> None:
    assert refusal(tmp_path, text).startswith(said)


def test_brackets_without_end_are_refused_wherever_the_parser_gives_up(tmp_path: Path) -> None:
    said = refusal(tmp_path, "a: " + "[" * 5000)
    assert said.endswith(": nested deeper than 20 levels")


def test_a_bomb_of_aliases_is_refused_at_its_first_alias(tmp_path: Path) -> None:
    text = "a: &a [x, x]\n" + "".join(
        f"{new}: &{new} [*{old}, *{old}, *{old}]\n"
        for old, new in zip("abcdefg", "bcdefgh", strict=True)
    )
    assert refusal(tmp_path, text).startswith("2:8: the alias '*a' is not read")


def test_bytes_that_are_not_utf_8_are_named_with_their_line(tmp_path: Path) -> None:
    body = LAB.replace("A tiny lab", "Übung").encode("latin-1")
    assert refusal(tmp_path, body) == "4: not UTF-8 text: found the byte 0xdc"


def test_a_file_of_more_than_256_kb_is_refused_unread(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"#" * 300_000) == "lab.yaml holds more than 256,000 bytes"


def test_a_missing_file_and_a_folder_in_its_place_are_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=re.escape(f"{tmp_path} lacks lab.yaml")):
        read_record(tmp_path / "lab.yaml", Lab)
    (tmp_path / "lab.yaml").mkdir()
    with pytest.raises(LabError, match=r"lab\.yaml is not a file"):
        read_record(tmp_path / "lab.yaml", Lab)


def test_a_file_that_may_not_be_read_is_said_to_be_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = written(tmp_path, LAB)
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(LabError, match=r"lab\.yaml cannot be read: Permission denied"):
        read_record(path, Lab)


def test_a_place_is_that_of_the_value_or_of_the_nearest_key_above(tmp_path: Path) -> None:
    path = written(tmp_path, LAB)
    assert locate(path, ("checks", 1, "points")) == (19, 13)
    assert locate_key(path, ("checks", 1, "points")) == (19, 5)
    assert locate(path, ("checks", 1, "metric")) == (17, 5)
    assert locate(path, ("limits", "wall_seconds", "deeper")) == (9, 10)
    assert locate(path, ("checks", 7)) == (15, 1)
    assert locate(path, ()) == (1, 1)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("x", "'x'"),
        ("\x1b[2J", "'\\x1b[2J'"),
        ("\u202eevil", "'\\u202eevil'"),
        ({"a": 1}, "a mapping"),
        (None, "nothing"),
        (True, "True"),
    ],
)
def test_values_are_shown_quoted_and_printable(value: object, shown: str) -> None:
    assert quote(value) == shown


def test_long_values_are_cut() -> None:
    assert len(quote("x" * 1000)) == 60


@pytest.mark.parametrize(
    "number",
    ["0x" + "f" * 5000, "0b" + "1" * 5000, ":".join(["1"] + ["5"] * 3000), "1" * 3000 + ".5"],
    ids=["hexadecimal", "binary", "base 60", "decimal"],
)
def test_a_number_of_very_many_digits_is_not_worked_out(tmp_path: Path, number: str) -> None:
    said = refusal(tmp_path, changed("version: 1.0.0", f"version: {number}"))
    assert "is too long for a number: put it in quotes" in said
    assert len(said) < 200


def test_of_thousands_of_problems_a_few_are_told_and_the_rest_counted(tmp_path: Path) -> None:
    many = "".join(f"key{number}: 1\n" for number in range(3000))
    lines = refusal(tmp_path, LAB + many).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "and 2980 more problems"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("wall_seconds: 60", "cpus: .inf"),
        ("wall_seconds: 60", "memory_mb: 99999999999999999999"),
        ("wall_seconds: 60", "pids: 99999999999999999999"),
        ("points: 10", "points: .inf"),
        ("controls:", "attempts: {cooldown_minutes: 1.0e+300}\ncontrols:"),
    ],
)
def test_a_number_beyond_use_is_refused(tmp_path: Path, old: str, new: str) -> None:
    assert "expected at most" in refusal(tmp_path, changed(old, new))
