"""Write ONNX models as bytes, by hand: for the lab `attack-model` and its cases.

Field numbers are those of onnx.proto. No library of ONNX is needed, and none would write the lies.
"""

import struct
from collections.abc import Sequence

FLOAT = 1
Fields = Sequence[tuple[int, int | str | bytes]]


def message(fields: Fields) -> bytes:
    """Return one protobuf message."""
    parts = []
    for number, value in fields:
        if isinstance(value, int):
            parts.append(varint(number << 3) + varint(value))
        else:
            body = value.encode() if isinstance(value, str) else value
            parts.append(varint(number << 3 | 2) + varint(len(body)) + body)
    return b"".join(parts)


def varint(value: int) -> bytes:
    """Return a whole number as protobuf writes it."""
    body = bytearray()
    while value > 127:
        body.append(value & 127 | 128)
        value >>= 7
    return bytes((*body, value))


def node(kind: str, inputs: Sequence[str], output: str, *more: tuple[int, bytes | str]) -> bytes:
    """Return a node; ``more`` are further fields, such as a domain (7) or attributes (5)."""
    return message([*((1, each) for each in inputs), (2, output), (4, kind), *more])


def tensor(
    name: str, values: Sequence[float], dims: Sequence[int], *more: tuple[int, bytes | int]
) -> bytes:
    """Return an initializer of 32-bit floats."""
    raw = [(9, struct.pack(f"<{len(values)}f", *values))] if values else []
    return message([*((1, each) for each in dims), (2, FLOAT), (8, name), *raw, *more])


def value(name: str, columns: int) -> bytes:
    """Return an input or output: any number of rows, so many columns."""
    shape = message([(1, message([(2, "rows")])), (1, message([(1, columns)]))])
    return message([(1, name), (2, message([(1, message([(1, FLOAT), (2, shape)]))]))])


def model(
    nodes: Sequence[bytes],
    tensors: Sequence[bytes],
    *,
    columns: int = 3,
    outputs: int = 1,
    domains: Sequence[str] = ("",),
) -> bytes:
    """Return a model from ``x`` (rows, columns) to ``y``."""
    graph = message(
        [
            *((1, each) for each in nodes),
            (2, "g"),
            *((5, each) for each in tensors),
            (11, value("x", columns)),
            (12, value("y", outputs)),
        ]
    )
    opsets = [(8, message([(1, each), (2, 13 if not each else 1)])) for each in domains]
    return message([(1, 8), (7, graph), *opsets])


def plane(weights: Sequence[float] = (4, -2, 0.5), bias: float = 3.0) -> bytes:
    """Return the model of the planes: one Gemm."""
    tensors = [tensor("w", weights, [3, 1]), tensor("b", [bias], [1])]
    return model([node("Gemm", ["x", "w", "b"], "y")], tensors)


def slow(layers: int) -> bytes:
    """Return the same plane after ``layers`` products with a wide matrix that change nothing."""
    wide = 64
    first = [0.0] * (3 * wide)
    for at in range(3):
        first[at * wide + at] = 1.0
    same = [float(row == column) for row in range(wide) for column in range(wide)]
    nodes = [node("MatMul", ["x", "first"], "h0")]
    nodes += [node("MatMul", [f"h{at}", "same"], f"h{at + 1}") for at in range(layers)]
    last = [4.0, -2.0, 0.5, *[0.0] * (wide - 3)]
    nodes.append(node("Gemm", [f"h{layers}", "last", "b"], "y"))
    tensors = [
        tensor("first", first, [3, wide]),
        tensor("same", same, [wide, wide]),
        tensor("last", last, [wide, 1]),
        tensor("b", [3.0], [1]),
    ]
    return model(nodes, tensors)


def elsewhere(name: str, dims: Sequence[int], path: str) -> bytes:
    """Return an initializer whose values are said to lie in another file."""
    entry = message([(1, "location"), (2, path)])
    return tensor(name, [], dims, (13, entry), (14, 1))
