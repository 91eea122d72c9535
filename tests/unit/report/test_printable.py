from labrun.domain.result import Result
from labrun.report.printable import cleaned, one_line, printable


def test_terminal_sequences_go_and_words_stay() -> None:
    assert printable("\x1b[1;31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x07") == "red link"


def test_controls_and_bidi_marks_go_while_lines_and_tabs_stay() -> None:
    assert printable("a\x00\x07b\tc\r\nd\re\u202ef\ufeff") == "ab\tc\nd\nef"


def test_a_long_text_keeps_its_two_ends() -> None:
    text = printable("start" + "x" * 100_000 + "end", most=100)
    assert text.startswith("start")
    assert text.endswith("end")
    assert "characters left out" in text
    assert len(text) < 200


def test_one_line_is_one_line() -> None:
    assert one_line(" a\n\n b\tc ") == "a b c"


def test_cleaning_leaves_an_honest_result_as_it_was(gate_failed: Result) -> None:
    assert cleaned(gate_failed) == gate_failed
