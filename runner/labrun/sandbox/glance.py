"""Look whether a container was left behind, without the Docker SDK, which is slow to import.

Every command looks, and nearly always there is nothing. An engine on a Unix socket is asked in
plain HTTP/1.0; what cannot be told this way is for `labrun.sandbox.reaper` to find out.
"""

import json
import socket
from typing import Any
from urllib.parse import quote

from labrun.sandbox import owner
from labrun.sandbox.labels import BASE_LABEL, OWNER_LABEL

DEFAULT_ENGINE = "unix:///var/run/docker.sock"
SCHEME = "unix://"
SECONDS = 5.0
MOST_BYTES = 16 << 20


def nothing_left(engine: str | None) -> bool:
    """Return whether no container of a dead process is there; False also where none can tell."""
    address = engine or DEFAULT_ENGINE
    if not address.startswith(SCHEME):
        return False
    try:
        containers = _listed(address.removeprefix(SCHEME))
        owners = [owner.read(each["Labels"].get(OWNER_LABEL, "")) for each in containers]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return False
    return not any(each and not owner.is_alive(each) for each in owners)


def _listed(path: str) -> list[dict[str, Any]]:
    filters = quote(json.dumps({"label": [BASE_LABEL]}))
    request = f"GET /containers/json?all=1&filters={filters} HTTP/1.0\r\nHost: docker\r\n\r\n"
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(SECONDS)
        link.connect(path)
        link.sendall(request.encode("ascii"))
        answer = bytearray()
        while part := link.recv(1 << 16):
            answer += part
            if len(answer) > MOST_BYTES:
                msg = "an answer without end"
                raise ValueError(msg)
    head, _, body = bytes(answer).partition(b"\r\n\r\n")
    if head.split()[1:2] != [b"200"]:
        msg = "an answer that is none"
        raise ValueError(msg)
    found: list[dict[str, Any]] = json.loads(body)
    return found
