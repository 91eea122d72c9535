"""A forge's API on this machine: what labrun asks of GitHub and GitLab, and no more."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "a-token"  # noqa: S105  (known to nobody else)
US, BOT = 7, "github-actions[bot]"


class State:
    """What the server holds; ``refuse`` is the code it answers everything with."""

    def __init__(self) -> None:
        self.head = ""
        self.comments: list[dict[str, Any]] = []
        self.statuses: list[tuple[str, dict[str, Any]]] = []
        self.asked: list[str] = []
        self.refuse = 0
        self.redirect = ""

    def say(self, author: str | int, body: str) -> None:
        """Write a comment, as anybody may."""
        known = {"user": {"login": author}, "author": {"id": author}}
        self.comments.append({"id": len(self.comments) + 1, "body": body, **known})

    @property
    def bodies(self) -> list[str]:
        """Return the text of every comment."""
        return [each["body"] for each in self.comments]


@contextmanager
def serve() -> Iterator[tuple[State, str]]:
    """Serve until the block ends; yield the state and the address."""
    state = State()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_args: object) -> None:
            """Be quiet."""

        def _answer(self) -> None:
            url = urlsplit(self.path)
            state.asked.append(f"{self.command} {url.path}")
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else {}
            known = {f"Bearer {TOKEN}", TOKEN}
            token = self.headers.get("Authorization") or self.headers.get("PRIVATE-TOKEN")
            if state.redirect:
                self.send_response(302)
                self.send_header("Location", state.redirect)
                self.end_headers()
                return
            code, told = 401, {"message": "Bad credentials"}
            if state.refuse:
                code, told = state.refuse, {"message": "no\n::error::no"}
            elif token in known:
                code, told = _reply(state, self.command, url.path, parse_qs(url.query), body)
            text = json.dumps(told).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = do_PUT = _answer  # noqa: N815  (the library's names)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _reply(
    state: State, method: str, path: str, query: dict[str, list[str]], body: dict[str, Any]
) -> tuple[int, Any]:
    last = path.rpartition("/")[2]
    if method == "GET":
        return 200, _told(state, last, query)
    if method in ("PATCH", "PUT"):
        state.comments[int(last) - 1]["body"] = body["body"]
    elif last in ("comments", "notes"):
        state.say(BOT if last == "comments" else US, body["body"])
    else:
        state.statuses.append((last, body))
    return 201, {}


def _told(state: State, what: str, query: dict[str, list[str]]) -> Any:
    if what in ("comments", "notes"):
        page, size = int(query["page"][0]), int(query["per_page"][0])
        return state.comments[(page - 1) * size : page * size]
    return {"id": US} if what == "user" else {"head": {"sha": state.head}, "sha": state.head}
