"""What a model is made of, read from its bytes; the guest's parser runs here on bytes of ours."""

import pytest
from tests.attacks import onnx_bytes as onnx

from labrun.sandbox.guests.labrun_open_model import UnusableModelError, operators

INNER = onnx.message([(1, onnx.node("Tanh", ["h"], "h"))])
BRANCH = onnx.message([(1, "then_branch"), (6, INNER)])
MANY = onnx.message([(1, "graphs"), (11, INNER), (11, INNER)])
FUNCTION = onnx.message([(1, "mine"), (7, onnx.node("Erf", ["h"], "h"))])


def of(*nodes: bytes, more: bytes = b"") -> list[str]:
    return list(operators(onnx.model(nodes, []) + more, 0))


def test_every_node_of_the_graph_is_named() -> None:
    assert list(operators(onnx.plane(), 0)) == ["Gemm"]
    assert list(operators(onnx.slow(2), 0)) == ["MatMul", "MatMul", "MatMul", "Gemm"]


def test_nodes_of_inner_graphs_and_of_functions_are_named_too() -> None:
    assert of(onnx.node("If", ["c"], "y", (5, BRANCH))) == ["Tanh", "If"]
    assert of(onnx.node("Odd", ["c"], "y", (5, MANY))) == ["Tanh", "Tanh", "Odd"]
    assert of(onnx.node("Gemm", ["c"], "y"), more=onnx.message([(25, FUNCTION)])) == ["Gemm", "Erf"]


def test_an_operator_of_another_domain_is_named_with_it() -> None:
    assert of(onnx.node("Gelu", ["x"], "y", (7, "com.microsoft"))) == ["com.microsoft:Gelu"]
    assert of(onnx.node("Relu", ["x"], "y", (7, "ai.onnx"))) == ["Relu"]


def test_graphs_within_graphs_are_followed_to_a_depth() -> None:
    inner = INNER
    for _ in range(30):
        attribute = onnx.message([(1, "body"), (6, inner)])
        inner = onnx.message([(1, onnx.node("Loop", ["x"], "y", (5, attribute)))])
    with pytest.raises(UnusableModelError, match="nested too deeply"):
        list(operators(onnx.message([(7, inner)]), 0))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (onnx.plane()[:-30], "ends early|not a protobuf"),
        (b"\xff" * 20, "not a protobuf"),
        (b"\x3b", "not a protobuf"),
        (b"\x3a\xff\xff\xff\xff\x0f", "ends early"),
    ],
)
def test_what_is_no_model_is_refused(body: bytes, said: str) -> None:
    with pytest.raises(UnusableModelError, match=said):
        list(operators(body, 0))
