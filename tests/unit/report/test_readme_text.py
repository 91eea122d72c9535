import pytest

from labrun.report.readme_text import readme_text


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("# Fit a `model`\n", "Fit a model\n===========\n"),
        ("## The task ##", "The task\n--------\n"),
        ("### Deeper", "Deeper\n"),
        ("Write **two** _small_ functions, __now__.", "Write two small functions, now.\n"),
        ("See [the guide](docs/a.md).", "See the guide (docs/a.md).\n"),
        ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name\n"),
        ("`a_b_c` and `**kwargs`", "a_b_c and **kwargs\n"),
        ("\n\nfirst\n\nlast\n\n", "first\n\nlast\n"),
    ],
)
def test_marks_are_taken_away_and_words_stay(markdown: str, text: str) -> None:
    assert readme_text(markdown) == text


def test_code_stays_as_it_is_fenced_or_indented() -> None:
    code = "a = b * c * d  # **not** bold"
    fenced = f"```python\n{code}\n| not | a table |\n# no heading\n```\nafter"
    assert readme_text(fenced) == f"{code}\n| not | a table |\n# no heading\nafter\n"
    assert readme_text(f"text\n\n    {code}\n") == f"text\n\n    {code}\n"


def test_a_table_stands_in_columns_also_where_rows_are_short() -> None:
    table = "| what | how |\n|---|:--:|\n| `fit` | **once** |\n| a longer one |\n\nafter"
    assert readme_text(table).splitlines() == [
        "  what          how",
        "  fit           once",
        "  a longer one",
        "",
        "after",
    ]


def test_a_table_at_the_end_is_not_lost() -> None:
    assert readme_text("| a | b |\n|---|---|\n| 1 | 2 |") == "  a  b\n  1  2\n"
