"""Fill in the templates that a new lab is made of."""

import json
from collections.abc import Callable, Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from labrun.errors import MissingExtraError


def render(name: str, folder: Path, words: dict[str, Any]) -> None:
    """Fill in every template of a kind below ``folder``."""
    fill = _renderer()
    for path, template in _templates(resources.files("labrun.app").joinpath("templates", name)):
        target = folder / path.removesuffix(".jinja")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(fill(template.read_text("utf-8"), words), encoding="utf-8")


def _templates(folder: Traversable, below: str = "") -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        path = f"{below}{entry.name}"
        if entry.is_dir():
            yield from _templates(entry, f"{path}/")
        elif path.endswith(".jinja"):
            yield path, entry


def _renderer() -> Callable[[str, dict[str, Any]], str]:
    try:
        import jinja2  # noqa: PLC0415  (heavy, and only a new lab needs it)
    except ModuleNotFoundError:
        msg = "labs are made with Jinja, which is not installed"
        raise MissingExtraError(msg, help="pip install 'labrun[grade]'") from None
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  (Python and YAML, not HTML)
    )
    environment.filters["python"] = repr
    environment.filters["tojson"] = _as_json
    return lambda text, words: environment.from_string(text).render(words)


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
