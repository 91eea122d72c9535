from tests.attacks import onnx_bytes as onnx


def make(target):
    (target / "model.onnx").write_bytes(onnx.plane())
