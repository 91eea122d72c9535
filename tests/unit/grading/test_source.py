from labrun.grading.source import syntax_problems


def test_sound_files_and_files_that_are_not_python_have_no_problem() -> None:
    assert syntax_problems({"a.py": b"x = 1\n", "notes.md": b"def f(:"}) == ()


def test_a_problem_says_where_it_is() -> None:
    problems = syntax_problems({"b.py": b"x = (\n", "a.py": b"x = 1\ndef f(:\n"})
    assert [problem.path for problem in problems] == ["a.py", "b.py"]
    assert str(problems[0]) == "a.py:2: invalid syntax"


def test_source_that_would_choke_the_parser_is_a_problem_too() -> None:
    problems = syntax_problems({"a.py": b"x = 1\x00", "b.py": b"-" * 100_000 + b"1"})
    assert [str(problem).partition(":")[0] for problem in problems] == ["a.py", "b.py"]


def test_a_warning_about_source_is_no_problem() -> None:
    assert syntax_problems({"a.py": b"x = '\\d'\nif x is 'a': pass\n"}) == ()
