"""Runs inside the sandbox: what a handed-in ONNX model says of rows, and what it is made of."""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

MAX_DEPTH = 20  # of graphs within graphs
DTYPES = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(float16)": "float16",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
    "tensor(uint8)": "uint8",
    "tensor(int8)": "int8",
}
# Fields of onnx.proto by message: those on the way to the operators.
GRAPH_OF_MODEL, FUNCTION_OF_MODEL, OPSET_OF_MODEL = 7, 25, 8
NODE_OF_GRAPH, NODE_OF_FUNCTION = 1, 7
TYPE_OF_NODE, ATTRIBUTE_OF_NODE, DOMAIN_OF_NODE = 4, 5, 7
GRAPHS_OF_ATTRIBUTE = (6, 11)
OPEN: dict[str, Any] = {}


class UnusableModelError(Exception):
    """The file is no model, or not one that takes the rows of the lab."""


def alone() -> None:
    """Keep what was handed in from being imported in place of a library."""
    work = os.environ.get("LABRUN_WORK", "/work")
    sys.path[:] = [path for path in sys.path if path not in ("", work)]


def ready() -> bool:
    """Import what opens the files."""
    alone()
    import onnxruntime

    return bool(onnxruntime.__name__)


def predict(frame: Any, path: str) -> Any:
    """Return the model's first output for every row."""
    alone()
    import numpy as np

    session, rows = opened(path), matrix(path, frame)
    size = session.get_inputs()[0].shape[0]
    step = size if isinstance(size, int) else len(rows)
    parts = [asked(session, rows[at : at + step], step) for at in range(0, len(rows), step or 1)]
    return np.concatenate(parts) if parts else np.zeros(0)


def repeat(frame: Any, path: str, times: int) -> int:
    """Ask the model for one row after the other, all of them ``times`` times."""
    alone()
    session, rows = opened(path), matrix(path, frame)
    name, size = session.get_inputs()[0].name, session.get_inputs()[0].shape[0]
    fixed = size if isinstance(size, int) else 1  # a model of fixed batches is asked for a full one
    singles = [{name: rows[at : at + 1].repeat(fixed, axis=0)} for at in range(len(rows))]
    for _ in range(times):
        for each in singles:
            session.run(None, each)
    return len(singles) * times


def contents(path: str) -> dict[str, Any]:
    """Return the operators of the model by name, with how often each stands there."""
    alone()
    session = opened(path)  # what does not run has no contents
    with open(path, "rb") as file:
        body = file.read()
    found = Counter(operators(body, 0))
    return {
        "operators": dict(sorted(found.items())),
        "inputs": [f"{each.name}: {each.type} {each.shape}" for each in session.get_inputs()],
        "outputs": [f"{each.name}: {each.type} {each.shape}" for each in session.get_outputs()],
    }


def opened(path: str) -> Any:
    """Return the session of a model, the same each time: one thread, no telemetry, no log."""
    if path not in OPEN:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            OPEN[path] = onnxruntime.InferenceSession(
                path, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            msg = f"{path} cannot be opened: {type(error).__name__}: {error}"
            raise UnusableModelError(msg) from None
        if len(OPEN[path].get_inputs()) != 1:
            msg = f"{path} has {len(OPEN[path].get_inputs())} inputs, expected one: a row's columns"
            raise UnusableModelError(msg)
    return OPEN[path]


def matrix(path: str, frame: Any) -> Any:
    """Return the rows as the model's input takes them: its type, and its shape after the first."""
    import numpy as np

    wanted = opened(path).get_inputs()[0]
    if wanted.type not in DTYPES:
        msg = f"{path} takes {wanted.type}, expected one of: {', '.join(DTYPES)}"
        raise UnusableModelError(msg)
    rows = np.ascontiguousarray(frame.to_numpy(), dtype=DTYPES[wanted.type])
    shape = [each for each in wanted.shape[1:] if isinstance(each, int)]
    if len(shape) == len(wanted.shape) - 1 and int(np.prod(shape)) == rows.shape[1]:
        return rows.reshape(len(rows), *shape)
    if len(wanted.shape) == 2:
        return rows
    msg = f"{path} takes rows of shape {wanted.shape[1:]}, and a row has {rows.shape[1]} columns"
    raise UnusableModelError(msg)


def asked(session: Any, rows: Any, step: int) -> Any:
    """Return the first output for some rows; a model of fixed batches gets a full one."""
    import numpy as np

    short = step - len(rows)
    full = np.concatenate([rows, np.repeat(rows[-1:], short, axis=0)]) if short > 0 else rows
    output = session.run(None, {session.get_inputs()[0].name: full})[0]
    output = np.asarray(output)
    if output.ndim == 0 or len(output) != len(full):
        msg = f"the model answers {output.shape} for {len(full)} rows, expected a value for each"
        raise UnusableModelError(msg)
    output = output[: len(rows)]
    return output[:, 0] if output.ndim == 2 and output.shape[1] == 1 else output


def operators(body: bytes, depth: int) -> Iterator[str]:
    """Yield the operator of each node of a model: of its graph and of its functions."""
    for number, value in fields(body):
        if number == GRAPH_OF_MODEL and isinstance(value, bytes):
            yield from of_nodes(value, NODE_OF_GRAPH, depth)
        elif number == FUNCTION_OF_MODEL and isinstance(value, bytes):
            yield from of_nodes(value, NODE_OF_FUNCTION, depth)


def of_nodes(body: bytes, field: int, depth: int) -> Iterator[str]:
    """Yield the operator of each node of a graph or function, and of the graphs inside."""
    if depth > MAX_DEPTH:
        msg = "graphs are nested too deeply"
        raise UnusableModelError(msg)
    for number, node in fields(body):
        if number != field or not isinstance(node, bytes):
            continue
        name, domain = "", ""
        for inner, value in fields(node):
            if not isinstance(value, bytes):
                continue
            if inner == TYPE_OF_NODE:
                name = value.decode("utf-8", "replace")
            elif inner == DOMAIN_OF_NODE:
                domain = value.decode("utf-8", "replace")
            elif inner == ATTRIBUTE_OF_NODE:
                for place, graph in fields(value):
                    if place in GRAPHS_OF_ATTRIBUTE and isinstance(graph, bytes):
                        yield from of_nodes(graph, NODE_OF_GRAPH, depth + 1)
        yield name if domain in ("", "ai.onnx") else f"{domain}:{name}"


def fields(body: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Yield the fields of one protobuf message: number, and bytes or a whole number."""
    at = 0
    while at < len(body):
        key, at = varint(body, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = varint(body, at)
            yield number, value
        elif kind == 2:
            size, at = varint(body, at)
            if at + size > len(body):
                msg = "the model ends early"
                raise UnusableModelError(msg)
            yield number, body[at : at + size]
            at += size
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        else:
            msg = "the model is not a protobuf message"
            raise UnusableModelError(msg)


def varint(body: bytes, at: int) -> tuple[int, int]:
    """Return a whole number of protobuf, and where it ends."""
    value = shift = 0
    while at < len(body) and shift < 70:
        byte = body[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
    msg = "the model is not a protobuf message"
    raise UnusableModelError(msg)
