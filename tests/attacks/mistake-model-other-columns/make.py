from tests.attacks import onnx_bytes as onnx


def make(target):
    tensors = [onnx.tensor("w", [1] * 5, [5, 1])]
    body = onnx.model([onnx.node("MatMul", ["x", "w"], "y")], tensors, columns=5)
    (target / "model.onnx").write_bytes(body)
