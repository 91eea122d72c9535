"""Sizes a reader can hold, and what no file of the project may contain."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "runner" / "labrun"
SOURCES = sorted(PACKAGE.rglob("*.py"))
FOLDERS = sorted({path.parent for path in SOURCES})
FILE_LINES = 400
FUNCTION_LINES = 50
CONTRACTS = {"layers", "pure", "docker-here-only", "mlflow-here-only", "siblings"}
LAYERS_FREE = {"__init__", "__main__"}
# Their environment is the container's.
INSIDE_THE_SANDBOX = {PACKAGE / "sandbox" / name for name in ("shim.py", "explorer.py")} | {
    *(PACKAGE / "sandbox" / "guests").glob("labrun_*.py")
}

# Written in pieces, so that this file does not contain what it looks for.
REGISTRIES = (
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("npmjs", "org"),
    ("crates", "io"),
    ("rubygems", "org"),
    ("anaconda", "org"),
    ("golang", "org"),
    ("registry-1.docker", "io"),
    ("index.docker", "io"),
    ("hub.docker", "com"),
    ("quay", "io"),
    ("ghcr", "io"),
    ("gcr", "io"),
    ("deb.debian", "org"),
    ("archive.ubuntu", "com"),
    ("download.pytorch", "org"),
    ("huggingface", "co"),
)
REGISTRY = re.compile(
    r"(?<![\w-])(?:" + "|".join(rf"{re.escape(name)}\.{top}" for name, top in REGISTRIES) + r")\b"
)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def tracked() -> list[Path]:
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is not a Git checkout")
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def test_there_is_something_to_look_at() -> None:
    assert len(SOURCES) > len(FOLDERS) > 1


def places(wanted: Callable[[ast.AST], bool], paths: Iterable[Path]) -> list[str]:
    return [
        f"{name_of(path)}:{getattr(node, 'lineno', 0)}"
        for path in paths
        for node in ast.walk(tree_of(path))
        if wanted(node)
    ]


def is_long(node: ast.AST) -> bool:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.end_lineno is None:
        return False
    return node.end_lineno - node.lineno >= FUNCTION_LINES


def reads_the_environment(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr in ("environ", "environb", "getenv")
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    )


def test_a_file_can_be_held_in_the_head() -> None:
    lines = {name_of(path): path.read_text(encoding="utf-8").count("\n") for path in SOURCES}
    assert not {name: count for name, count in lines.items() if count > FILE_LINES}


def test_a_function_fits_on_a_page() -> None:
    assert not places(is_long, SOURCES)


def test_imports_say_where_from() -> None:
    assert not places(lambda node: isinstance(node, ast.ImportFrom) and node.level > 0, SOURCES)


def test_only_the_command_line_reads_the_environment() -> None:
    puts_a_callers_in_place = PACKAGE / "standby" / "server.py"  # in a fork, and reads none
    others = [path for path in SOURCES if PACKAGE / "cli" not in path.parents]
    others.remove(puts_a_callers_in_place)
    assert not places(
        reads_the_environment, [path for path in others if path not in INSIDE_THE_SANDBOX]
    )


def test_a_package_says_what_it_is_for() -> None:
    silent = [
        name_of(folder)
        for folder in FOLDERS
        if not (folder / "__init__.py").is_file()
        or not ast.get_docstring(tree_of(folder / "__init__.py"))
    ]
    assert not silent


def test_import_contracts_cover_every_part_of_the_package() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {each["id"]: each for each in settings["tool"]["importlinter"]["contracts"]}
    assert contracts.keys() >= CONTRACTS
    placed = {part.strip() for layer in contracts["layers"]["layers"] for part in layer.split("|")}
    there = {path.stem for path in PACKAGE.glob("*.py")} | {
        path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()
    }
    assert there - LAYERS_FREE == placed


def test_an_installed_labrun_has_every_file_of_the_package() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    globs = settings["tool"]["setuptools"]["package-data"]["labrun"]
    taken = {path for each in globs for path in PACKAGE.glob(each)}
    others = [path for path in tracked() if PACKAGE in path.parents and path.suffix != ".py"]
    assert others
    assert not [name_of(path) for path in others if path not in taken]


@pytest.mark.parametrize(
    ("text", "found"),
    [("see https://py" + "pi.org/x", True), ("apt-get install docker.io", False)],
)
def test_a_registry_is_known_by_its_host_name(text: str, *, found: bool) -> None:
    assert bool(REGISTRY.search(text)) is found


def test_no_file_names_the_host_of_a_package_registry() -> None:
    wrong = [
        f"{name_of(path)}: {match[0]}"
        for path in tracked()
        if (match := REGISTRY.search(path.read_bytes().decode("utf-8", "replace")))
    ]
    assert not wrong


def test_no_file_holds_a_path_of_this_machine() -> None:
    here = [str(ROOT)] if len(ROOT.parts) > 2 else []
    known = [*here, "/work/" + "main", "/work/" + "shared"]
    pattern = re.compile("|".join(rf"{re.escape(place)}(?![\w.-])" for place in known))
    wrong = [
        f"{name_of(path)}: {match[0]}"
        for path in tracked()
        if (match := pattern.search(path.read_bytes().decode("utf-8", "replace")))
    ]
    assert not wrong
