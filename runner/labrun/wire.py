"""The format in which values cross between the grader and a sandbox: no pickle, no objects.

    frame := '!IIQ'(head bytes, buffers, total bytes) + buffers * '!Q' + head + buffers

The head is msgpack; arrays, text columns and tables put their bytes in the buffers. This file
also runs inside the sandbox, so it imports nothing of labrun, and pandas only for tables.
"""

import math
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgpack
import numpy as np

HEADER = struct.Struct("!IIQ")
KINDS = frozenset("biufcUSMm")  # never 'O' (objects) nor 'V' (structures)

ARRAY, SCALAR, BIG_INT, TUPLE, REMOTE, COMPLEX, CALLBACK, TABLE, TEXT, BYTES = range(1, 11)
LONG = 65_536  # bytes from here on travel as a buffer rather than in the head
DIGITS = 4300
DIMENSIONS = 32
COMPLEX_BYTES = 16
DTYPE = re.compile(r"[<>|=]?(?:[biufcUS]\d{1,7}|\?|[Mm]8(?:\[\d{0,4}[a-zA-Z]{1,2}\])?)\Z")
MISSING = -1

Special = Callable[[Any, Callable[[Any], Any]], Any]
Hook = Callable[[int, Any], Any]
ReadExactly = Callable[[int], bytes | bytearray]
MALFORMED = (
    ValueError, TypeError, OverflowError, RecursionError, AttributeError, LookupError, SyntaxError,
    struct.error, msgpack.UnpackException,
)  # fmt: skip


class WireError(ValueError):
    """A value cannot be sent, or what arrived is not a frame of this format."""


@dataclass(frozen=True)
class Caps:
    """The most that will be accepted from the other side, in bytes and counts."""

    frame: int = 64 << 20
    head: int = 4 << 20
    buffers: int = 4096
    items: int = 1_000_000
    depth: int = 60


DEFAULT_CAPS = Caps()


def encode(value: Any, special: Special | None = None) -> list[bytes | memoryview]:
    """Return the parts of one frame; ``special`` may turn foreign objects into extensions."""
    encoder = _Encoder(special)
    try:
        head = msgpack.packb(encoder.value(value, 0), use_bin_type=True)
    except UnicodeEncodeError:
        msg = "cannot send text that holds half a character"
        raise WireError(msg) from None
    sizes = [part.nbytes for part in encoder.buffers]
    total = len(head) + sum(sizes)
    prefix = HEADER.pack(len(head), len(sizes), total) + struct.pack(f"!{len(sizes)}Q", *sizes)
    return [prefix + head, *encoder.buffers]


def to_bytes(value: Any) -> bytes:
    """Return one frame as bytes, as evidence is kept."""
    return b"".join(encode(value))


def decode(read: ReadExactly, caps: Caps = DEFAULT_CAPS, hook: Hook | None = None) -> Any:
    """Return the next value; ``read(n)`` gives exactly n bytes or raises EOFError.

    Raises `WireError` on anything odd; the sender is then not to be trusted any further.
    """
    head_size, count, total = HEADER.unpack(bytes(read(HEADER.size)))
    if head_size > caps.head or count > caps.buffers or total > caps.frame:
        msg = f"too large: {total:,} bytes in {count:,} parts, at most {caps.frame:,} bytes"
        raise WireError(msg)
    sizes = struct.unpack(f"!{count}Q", bytes(read(8 * count))) if count else ()
    if head_size + sum(sizes) != total:
        msg = "frame lengths disagree"
        raise WireError(msg)
    head = bytes(read(head_size))
    decoder = _Decoder([read(size) for size in sizes], caps, hook)
    try:
        return decoder.unpack(head, 0)
    except WireError:
        raise
    except MALFORMED as error:
        msg = f"malformed frame: {type(error).__name__}"
        raise WireError(msg) from None


def from_bytes(body: bytes, caps: Caps = DEFAULT_CAPS) -> Any:
    """Return the value of one whole frame."""
    view, at = memoryview(body), 0

    def read(size: int) -> bytes:
        nonlocal at
        if at + size > len(view):
            msg = "frame ends early"
            raise WireError(msg)
        at += size
        return bytes(view[at - size : at])

    value = decode(read, caps)
    if at != len(view):
        msg = "bytes after the frame"
        raise WireError(msg)
    return value


class _Encoder:
    def __init__(self, special: Special | None) -> None:
        self.buffers: list[memoryview] = []
        self._special = special

    def value(self, item: Any, depth: int) -> Any:
        if depth > DEFAULT_CAPS.depth:
            msg = f"a value nested deeper than {DEFAULT_CAPS.depth} cannot be sent"
            raise WireError(msg)
        kind = type(item)
        if item is None or kind in (bool, float, str):
            return item
        if kind is bytes:
            return item if len(item) < LONG else self._bytes(item)
        if kind in (int, complex):
            return _number(item)
        if kind in (list, tuple, dict):
            return self._container(item, depth)
        if isinstance(item, np.generic):
            return self._array(np.asarray(item), SCALAR)
        if isinstance(item, np.ndarray):
            return self._array(np.asarray(item), ARRAY)
        if kind.__module__.partition(".")[0] == "pandas":
            return self._pandas(item)
        if self._special is not None:
            return self._special(item, lambda inner: self.value(inner, depth + 1))
        msg = f"cannot send a {kind.__module__}.{kind.__name__}"
        raise WireError(msg)

    def _container(self, item: Any, depth: int) -> Any:
        if type(item) is list:
            return [self.value(inner, depth + 1) for inner in item]
        if type(item) is tuple:
            inner = [self.value(each, depth + 1) for each in item]
            return msgpack.ExtType(TUPLE, msgpack.packb(inner, use_bin_type=True))
        if not all(type(key) in (str, int, float, bool, type(None)) for key in item):
            msg = "cannot send a dict whose keys are not plain scalars"
            raise WireError(msg)
        return {key: self.value(inner, depth + 1) for key, inner in item.items()}

    def _buffer(self, array: "np.ndarray[Any, Any]") -> int:
        flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        self.buffers.append(flat.data if flat.size else memoryview(b""))
        return len(self.buffers) - 1

    def _bytes(self, body: bytes) -> msgpack.ExtType:
        at = self._buffer(np.frombuffer(body, np.uint8))
        return msgpack.ExtType(BYTES, msgpack.packb([at]))

    def _array(self, array: "np.ndarray[Any, Any]", code: int) -> msgpack.ExtType:
        if array.dtype.kind == "O":
            return self._text(array)
        if array.dtype.kind not in KINDS or array.dtype.itemsize == 0:
            msg = f"cannot send an array of dtype {array.dtype}"
            raise WireError(msg)
        at = self._buffer(array)
        return msgpack.ExtType(code, msgpack.packb([array.dtype.str, list(array.shape), at]))

    def _text(self, array: "np.ndarray[Any, Any]") -> msgpack.ExtType:
        # Text travels as its distinct values and a code a row: short, and no object ever crosses.
        if array.ndim != 1:
            msg = f"cannot send an object array of {array.ndim} dimensions"
            raise WireError(msg)
        codes = np.empty(len(array), np.int32)
        known: dict[str, int] = {}
        for row, item in enumerate(array):
            if type(item) is str:
                codes[row] = known.setdefault(item, len(known))
            elif item is None or (isinstance(item, float) and math.isnan(item)):
                codes[row] = MISSING
            else:
                msg = f"cannot send a column that holds a {type(item).__name__} among its text"
                raise WireError(msg)
        bodies = [text.encode("utf-8", "surrogatepass") for text in known]
        sizes = np.array([len(body) for body in bodies], np.int64)
        joined = np.frombuffer(b"".join(bodies), np.uint8)
        places = [self._buffer(codes), self._buffer(sizes), self._buffer(joined)]
        return msgpack.ExtType(TEXT, msgpack.packb(places))

    def _pandas(self, item: Any) -> Any:
        if type(item).__name__ == "DataFrame":
            if len({*map(str, item.columns)}) != len(item.columns):
                msg = "cannot send a table in which two columns have one name"
                raise WireError(msg)
            columns = [[str(name), self._column(item[name])] for name in item.columns]
            body = msgpack.packb([len(item), columns], use_bin_type=True)
            return msgpack.ExtType(TABLE, body)
        if type(item).__name__ in ("Series", "Index") or hasattr(item, "to_numpy"):
            return self._column(item)
        msg = f"cannot send a pandas {type(item).__name__}"
        raise WireError(msg)

    def _column(self, column: Any) -> msgpack.ExtType:
        kind = getattr(column.dtype, "kind", "O")
        if kind in "biufcMm" and isinstance(column.dtype, np.dtype):
            return self._array(column.to_numpy(), ARRAY)
        if kind in "biuf":  # pandas' nullable numbers
            return self._array(column.to_numpy(dtype="float64", na_value=math.nan), ARRAY)
        return self._text(column.to_numpy(dtype=object, na_value=None))


class _Decoder:
    def __init__(self, buffers: list[bytes | bytearray], caps: Caps, hook: Hook | None) -> None:
        self._buffers = dict(enumerate(buffers))
        self._caps = caps
        self._hook = hook

    def unpack(self, body: bytes, depth: int) -> Any:
        if depth > self._caps.depth:
            msg = f"nested deeper than {self._caps.depth}"
            raise WireError(msg)
        most = min(self._caps.items, len(body))
        return msgpack.unpackb(
            body,
            raw=False,
            strict_map_key=False,
            ext_hook=lambda code, data: self._extension(code, data, depth + 1),
            max_str_len=self._caps.head,
            max_bin_len=self._caps.head,
            max_array_len=most,
            max_map_len=most,
        )

    def _extension(self, code: int, data: bytes, depth: int) -> Any:
        if code in (ARRAY, SCALAR):
            array = self._array(*_fields(self.unpack(data, depth), 3))
            return array[()] if code == SCALAR else array
        if code == TEXT:
            return self._text(*_fields(self.unpack(data, depth), 3))
        if code == BYTES:
            return bytes(self._buffer(*_fields(self.unpack(data, depth), 1)))
        if code == TABLE:
            return self._table(*_fields(self.unpack(data, depth), 2))
        if code == TUPLE:
            return tuple(_fields(self.unpack(data, depth), None))
        if code in (BIG_INT, COMPLEX):
            return _read_number(code, data)
        if self._hook is not None:
            return self._hook(code, self.unpack(data, depth))
        msg = f"unknown extension {code}"
        raise WireError(msg)

    def _buffer(self, at: Any) -> bytes | bytearray:
        if type(at) is not int or at not in self._buffers:
            msg = "a buffer is missing, or is used twice"
            raise WireError(msg)
        return self._buffers.pop(at)  # once only: a small frame may not become a large value

    def _array(self, kind: Any, shape: Any, at: Any) -> Any:
        dtype = np.dtype(kind) if isinstance(kind, str) and DTYPE.match(kind) else None
        if dtype is None or dtype.kind not in KINDS or dtype.itemsize == 0:
            msg = "an array of a dtype that is not accepted"
            raise WireError(msg)
        sizes_fit = isinstance(shape, list) and all(
            type(n) is int and 0 <= n < 1 << 40 for n in shape
        )
        if not sizes_fit or len(shape) > DIMENSIONS:
            msg = "an array of a shape that is not accepted"
            raise WireError(msg)
        body = self._buffer(at)
        if math.prod(shape) * dtype.itemsize != len(body):
            msg = "shape and data of an array disagree"
            raise WireError(msg)
        return np.frombuffer(body, dtype).reshape(shape)

    def _text(self, codes_at: Any, sizes_at: Any, text_at: Any) -> Any:
        codes = np.frombuffer(self._buffer(codes_at), np.int32)
        sizes = np.frombuffer(self._buffer(sizes_at), np.int64)
        body = bytes(self._buffer(text_at))
        if (sizes < 0).any() or int(sizes.sum()) != len(body):
            msg = "lengths and text disagree"
            raise WireError(msg)
        if len(codes) and not MISSING <= int(codes.min()) <= int(codes.max()) < len(sizes):
            msg = "a text code has no text"
            raise WireError(msg)
        ends = np.cumsum(sizes)
        known = [
            body[end - size : end].decode("utf-8", "replace")
            for end, size in zip(ends, sizes, strict=True)
        ]
        values = np.empty(len(known) + 1, object)  # made here from str alone; the last is "missing"
        values[:-1] = known
        return values[codes]

    def _table(self, rows: Any, columns: Any) -> Any:
        import pandas as pd  # noqa: PLC0415  (only tables need it, and it is slow to import)

        data: dict[str, Any] = {}
        for column in _fields(columns, None):
            name, values = _fields(column, 2)
            whole = isinstance(values, np.ndarray) and values.shape == (rows,)
            if type(name) is not str or name in data or not whole:
                msg = "a table whose columns disagree"
                raise WireError(msg)
            data[name] = pd.Series(values, dtype="str") if values.dtype.kind == "O" else values
        return pd.DataFrame(data, index=pd.RangeIndex(rows))


def _number(item: Any) -> Any:
    if isinstance(item, complex):
        return msgpack.ExtType(COMPLEX, struct.pack("!dd", item.real, item.imag))
    if -(1 << 63) <= item < (1 << 64):
        return item
    if item.bit_length() > DIGITS * 3:
        msg = f"cannot send an integer of more than {DIGITS} digits"
        raise WireError(msg)
    return msgpack.ExtType(BIG_INT, str(item).encode())


def _read_number(code: int, data: bytes) -> complex:
    if code == COMPLEX and len(data) == COMPLEX_BYTES:
        return complex(*struct.unpack("!dd", data))
    if code == COMPLEX or len(data) > DIGITS:
        msg = "a number that is not accepted"
        raise WireError(msg)
    return int(data)


def _fields(value: Any, count: int | None) -> list[Any]:
    if not isinstance(value, list) or (count is not None and len(value) != count):
        msg = "an extension of the wrong form"
        raise WireError(msg)
    return value
