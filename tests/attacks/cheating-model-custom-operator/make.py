from tests.attacks import onnx_bytes as onnx


def make(target):
    tensors = [onnx.tensor("w", [4, -2, 0.5], [3, 1]), onnx.tensor("b", [3.0], [1])]
    nodes = [
        onnx.node("FusedMatMul", ["x", "w"], "h", (7, "com.microsoft")),
        onnx.node("Add", ["h", "b"], "y"),
    ]
    (target / "model.onnx").write_bytes(
        onnx.model(nodes, tensors, domains=("", "com.microsoft"))
    )
