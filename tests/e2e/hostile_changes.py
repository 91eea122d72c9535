"""Changes a pull request may hold: a learner's own folder, and everything that is refused."""

from collections.abc import Callable
from pathlib import Path

from tests.e2e.git_course import LAB, OTHER_LAB, git, hand_in, marker, write

MINE = "work/ada/phases"
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 12\n"
Change = Callable[[Path], None]


def mine(root: Path) -> None:
    hand_in(root, MINE, "ada")


def with_mine(**files: str) -> Change:
    def change(root: Path) -> None:
        mine(root)
        write(root, files)

    return change


def link(root: Path, name: str, to: str) -> None:
    (root / name).unlink(missing_ok=True)
    (root / name).symlink_to(to)


def linked(root: Path) -> None:
    mine(root)
    link(root, f"{MINE}/solution.py", "../../../labs/attack-phases/solution/solution.py")


def linked_folder(root: Path) -> None:
    mine(root)
    link(root, f"{MINE}/more", "/etc")


def linked_marker(root: Path) -> None:
    (root / MINE / ".labrun").mkdir(parents=True)
    link(root, f"{MINE}/.labrun/workspace.json", "/etc/passwd")


def thresholds(root: Path) -> None:
    mine(root)
    path = f"labs/{LAB}/lab.yaml"
    write(root, {path: (root / path).read_text() + "#"})


def submodule(root: Path) -> None:
    mine(root)
    entry = f"160000,{git(root, 'rev-parse', 'HEAD')},{MINE}/more"
    git(root, "add", "-A", "--force")
    git(root, "update-index", "--add", "--cacheinfo", entry)
    git(root, "commit", "-q", "-m", "a submodule")
    (root / MINE / "more").mkdir()


def executable_workflow(root: Path) -> None:
    mine(root)
    write(root, {".github/workflows/new.yml": "on: push\n"})


def wrong_lab(root: Path) -> None:
    write(root, {"work/bob/phases/.labrun/workspace.json": marker(OTHER_LAB, "bob")})


def of_bob(root: Path) -> None:
    hand_in(root, "work/ada/again", "bob")


def many(root: Path) -> None:
    for number in range(11):
        hand_in(root, f"work/ada/n{number}", "ada")


HOSTILE: dict[str, tuple[Change, str, str]] = {
    "the workflow": (
        with_mine(**{".github/workflows/grade.yml": "on: push\n"}),
        "outside",
        ".github/workflows/grade.yml",
    ),
    "a workflow of its own": (executable_workflow, "outside", ".github/workflows/new.yml"),
    "GitLab's jobs": (with_mine(**{".gitlab-ci.yml": "x: 1\n"}), "outside", ".gitlab-ci.yml"),
    "the runner": (
        with_mine(**{"runner/labrun/__init__.py": "x"}),
        "outside",
        "runner/labrun/__init__.py",
    ),
    "the action": (with_mine(**{"action.yml": "x: 1\n"}), "outside", "action.yml"),
    "the labs": (
        with_mine(**{f"labs/{LAB}/hidden/test_x.py": "x"}),
        "outside",
        f"labs/{LAB}/hidden/test_x.py",
    ),
    "the thresholds": (
        thresholds,
        "outside",
        f"labs/{LAB}/lab.yaml",
    ),
    "the data": (
        with_mine(**{"datasets/planes/build.py": "x"}),
        "outside",
        "datasets/planes/build.py",
    ),
    "the rules": (
        with_mine(**{"labrun-ci.yaml": "schema: labrun/ci/v1\ntrainers: [ada-l]\n"}),
        "outside",
        "labrun-ci.yaml",
    ),
    "a file outside": (with_mine(**{"README.md": "mine\n"}), "outside", "README.md"),
    "a folder that is not for learners": (
        lambda root: hand_in(root, "docs/ada", "ada"),
        "outside",
        "docs/ada",
    ),
    "the folder of all": (
        lambda root: write(root, {"work/.labrun/workspace.json": marker(LAB, "ada")}),
        "outside",
        "work",
    ),
    "the whole repository": (
        lambda root: write(root, {".labrun/workspace.json": marker(LAB, "ada")}),
        "outside",
        ".",
    ),
    "a symlink": (linked, "symlink", f"{MINE}/solution.py"),
    "a symlink to a folder": (linked_folder, "symlink", f"{MINE}/more"),
    "a submodule": (submodule, "submodule", f"{MINE}/more"),
    "submodules": (with_mine(**{f"{MINE}/.gitmodules": "x"}), "filter", f"{MINE}/.gitmodules"),
    "a filter": (
        with_mine(**{f"{MINE}/.gitattributes": "*.py filter=evil\n"}),
        "filter",
        f"{MINE}/.gitattributes",
    ),
    "a filter in another case": (
        with_mine(**{f"{MINE}/.GitAttributes": "*.py filter=evil\n"}),
        "filter",
        f"{MINE}/.GitAttributes",
    ),
    "a pointer of LFS": (
        with_mine(**{f"{MINE}/solution.py": POINTER}),
        "lfs-pointer",
        f"{MINE}/solution.py",
    ),
    "another learner's folder": (
        with_mine(**{"work/bob/phases/solution.py": "x = 1\n"}),
        "other-learner",
        "work/bob/phases",
    ),
    "another learner's name": (of_bob, "other-learner", "work/ada/again"),
    "another's name in a file of bob's": (
        lambda root: write(root, {"work/bob/phases/.labrun/workspace.json": marker(LAB, "ada")}),
        "other-learner",
        "work/bob/phases/.labrun/workspace.json",
    ),
    "the wrong lab": (wrong_lab, "wrong-lab", "work/bob/phases/.labrun/workspace.json"),
    "a lab that is not there": (
        lambda root: write(root, {f"{MINE}/.labrun/workspace.json": marker("no-lab", "ada")}),
        "wrong-lab",
        f"{MINE}/.labrun/workspace.json",
    ),
    "no marker any more": (
        lambda root: (root / "work/bob/phases/.labrun/workspace.json").unlink(),
        "marker",
        "work/bob/phases/.labrun/workspace.json",
    ),
    "a marker that is none": (
        lambda root: write(root, {f"{MINE}/.labrun/workspace.json": "{"}),
        "marker",
        f"{MINE}/.labrun/workspace.json",
    ),
    "a marker that is a link": (
        linked_marker,
        "symlink",
        f"{MINE}/.labrun/workspace.json",
    ),
    "too much": (with_mine(**{f"{MINE}/big.py": "#" * 1_100_000}), "size", MINE),
    "too many folders": (many, "size", "work/ada/n9"),
}
