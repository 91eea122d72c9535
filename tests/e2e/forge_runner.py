"""Stands in for a forge's runner: it runs the steps of the workflow and of action.yml as they are.

Actions of others (`setup-python`, `upload-artifact`) are named and not run; expressions are names,
`==`, `!` and `&&`, which is all that labrun's own files use. Anything else is an error.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
EXPRESSION = re.compile(r"\$\{\{(.+?)\}\}")
NAME = re.compile(r"[\w-]+(\.[\w-]+)*")
BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail")


class Runner:
    """One job on a machine of its own; ``labrun`` and ``images`` spare an installation."""

    def __init__(self, root: Path, env: dict[str, str], context: dict[str, Any]) -> None:
        self.root = root
        self.temp = root / "temp"
        self.temp.mkdir(parents=True, exist_ok=True)
        self.context = context | {"runner": {"temp": str(self.temp)}}
        self.summary = root / "summary.md"
        self.env = env | {
            "PATH": os.environ["PATH"],  # noqa: TID251  (a test starts the real commands)
            "HOME": str(root),
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_STEP_SUMMARY": str(self.summary),
        }
        self.log = ""
        self.others: list[str] = []
        self.ours: list[str] = []
        self.command = wrapper(root)

    def workflow(self, path: Path) -> int | None:
        """Run the one job of a workflow; return its exit code, None where it is skipped."""
        (job,) = yaml.safe_load(path.read_text())["jobs"].values()
        if not self.true(job["if"]):
            return None
        code = 0
        for step in job["steps"]:
            if step["uses"].startswith("actions/"):
                self.others.append(step["uses"])
                continue
            self.ours.append(step["uses"])
            code = self.action({name: self.text(each) for name, each in step["with"].items()})
        return code

    def action(self, given: dict[str, str]) -> int:
        """Run the steps of action.yml; the first that fails ends it."""
        action = yaml.safe_load((ROOT / "action.yml").read_text())
        given = given | {"labrun": str(self.command), "images": ""}
        assert given.keys() <= action["inputs"].keys()
        self.context["github"]["action_path"] = str(ROOT)
        self.context["inputs"] = {
            name: given.get(name, self.text(str(each.get("default", ""))))
            for name, each in action["inputs"].items()
        }
        self.context["steps"] = {}
        for step in action["runs"]["steps"]:
            if code := self.step(step):
                return code
        return 0

    def step(self, step: dict[str, Any]) -> int:
        """Run one step as the runner does: a file for bash, a file for outputs."""
        script, outputs = self.root / "step.sh", self.root / "outputs"
        script.write_text(step["run"])
        outputs.write_text("")
        env = {name: self.text(each) for name, each in step.get("env", {}).items()}
        done = subprocess.run(
            [*BASH, script], cwd=self.root, env=self.env | env | {"GITHUB_OUTPUT": str(outputs)},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False,
        )  # fmt: skip
        self.log += done.stdout
        known = dict(line.split("=", 1) for line in outputs.read_text().splitlines())
        if "id" in step:
            self.context["steps"][step["id"]] = {"outputs": known}
        return done.returncode

    def text(self, template: str) -> str:
        """Return a value with its expressions worked out."""
        return EXPRESSION.sub(lambda found: str(self.value(found[1])), template)

    def true(self, condition: str) -> bool:
        """Return what an ``if`` says."""
        return all(self._holds(term.strip()) for term in condition.split("&&"))

    def _holds(self, term: str) -> bool:
        if "==" in term:
            one, other = term.split("==")
            return bool(self.value(one) == self.value(other))
        return not self.value(term[1:]) if term.startswith("!") else bool(self.value(term))

    def value(self, name: str) -> Any:
        """Return what a name stands for; nothing where the forge has nothing."""
        name = name.strip()
        assert NAME.fullmatch(name), name
        found: Any = self.context
        for part in name.split("."):
            found = found.get(part, "") if isinstance(found, dict) else ""
        return found

    def job(self, path: Path, name: str, env: dict[str, str]) -> int:
        """Run the script of a GitLab job."""
        (script,) = yaml.safe_load(path.read_text())[name]["script"]
        done = subprocess.run(
            ["sh", "-c", script], cwd=self.root, env=self.env | env, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=300, check=False,
        )  # fmt: skip
        self.log += done.stdout
        return done.returncode


def wrapper(folder: Path) -> Path:
    """Write a command `labrun` that is the one under test."""
    path = folder / "bin" / "labrun"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m labrun "$@"\n')
    path.chmod(0o755)
    return path


def github(forge: Path, number: int, head: str, account: str, **more: Any) -> dict[str, Any]:
    """Return what GitHub tells a job of a pull request."""
    pull = {"number": number, "draft": False, "head": {"sha": head}, "user": {"login": account}}
    event = {"repository": {"default_branch": "main"}, "pull_request": pull | more}
    known = {"event": event, "base_ref": "main", "token": "a-token", "repository": forge.name}
    return {"github": known, "secrets": {}}
