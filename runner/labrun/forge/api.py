"""Ask an API for JSON, with a token that goes to no other host."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from http.client import HTTPException
from typing import IO, Any
from urllib.parse import urlencode, urlsplit

from labrun.errors import ForgeError, UserError

SECONDS = 30
MOST_ANSWER = 16_000_000
PAGE = 100
MOST_PAGES = 30
SHOWN = 200


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Refuses to follow: the token would go along."""

    def redirect_request(self, *_args: Any, **_named: Any) -> None:
        return None


class Api:
    """One server's API below ``root``; ``headers`` carry the token."""

    def __init__(self, root: str, headers: Mapping[str, str]) -> None:
        if urlsplit(root).scheme not in ("http", "https"):
            msg = f"{root[:SHOWN]!r} is not the address of an API"
            raise UserError(msg, help="it begins with https://")
        self._root = root.rstrip("/")
        self._headers = {"Accept": "application/json", "User-Agent": "labrun", **headers}
        self._open = urllib.request.build_opener(_NoRedirect).open

    def ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        """Return the JSON that the server answers with."""
        data = None if body is None else json.dumps(body).encode()
        headers = self._headers | ({"Content-Type": "application/json"} if data else {})
        request = urllib.request.Request(  # noqa: S310  (the scheme was looked at)
            f"{self._root}{path}", data=data, headers=headers, method=method
        )
        try:
            with self._open(request, timeout=SECONDS) as answer:
                return _json(answer)
        except urllib.error.HTTPError as error:
            what = f"answered {error.code} {_said(error)}".rstrip()
        except (OSError, HTTPException, ValueError) as error:
            what = f"could not be asked: {getattr(error, 'reason', error)}"
        msg = f"the API {what} to {method} {path.partition('?')[0]}"
        raise ForgeError(msg, help="may the token write there? the grade is kept; post again")

    def pages(self, path: str) -> Iterator[Any]:
        """Yield everything in a list, page by page."""
        for page in range(1, MOST_PAGES + 1):
            found = self.ask("GET", f"{path}?{urlencode({'per_page': PAGE, 'page': page})}")
            yield from found
            if len(found) < PAGE:
                return


def _json(answer: IO[bytes]) -> Any:
    return json.loads(answer.read(MOST_ANSWER) or b"null")


def _said(error: urllib.error.HTTPError) -> str:
    """Return what the server said of it, if it said it in its usual form."""
    try:
        said = json.loads(error.read(MOST_ANSWER))
    except (OSError, HTTPException, ValueError):
        return ""
    message = said.get("message") if isinstance(said, dict) else None
    return ascii(message)[1:-1][:SHOWN] if message else ""
