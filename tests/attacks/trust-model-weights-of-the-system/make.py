from tests.attacks import onnx_bytes as onnx


def make(target):
    tensors = [onnx.elsewhere("w", [3, 1], "../etc/passwd")]
    body = onnx.model([onnx.node("MatMul", ["x", "w"], "y")], tensors)
    (target / "model.onnx").write_bytes(body)
