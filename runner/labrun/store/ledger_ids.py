"""Names for submissions that sort by the time they were made."""

import secrets
from datetime import datetime

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: no i, l, o, u to misread
TIME_CHARACTERS = 10  # 48 bits of milliseconds
RANDOM_CHARACTERS = 16  # 80 bits
LENGTH = TIME_CHARACTERS + RANDOM_CHARACTERS


def new_id(now: datetime) -> str:
    """Return a fresh ULID in lower case; ``now`` must be aware."""
    milliseconds = int(now.timestamp() * 1000)
    return _base32(milliseconds, TIME_CHARACTERS) + _base32(secrets.randbits(80), RANDOM_CHARACTERS)


def _base32(number: int, characters: int) -> str:
    digits = [ALPHABET[number >> (5 * place) & 31] for place in range(characters)]
    return "".join(reversed(digits))
