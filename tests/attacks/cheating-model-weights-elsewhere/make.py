from tests.attacks import onnx_bytes as onnx


def make(target):
    import struct

    same = [float(row == column) for row in range(512) for column in range(512)]
    (target / "w.data").write_bytes(struct.pack(f"<{len(same)}f", *same))
    tensors = [
        onnx.tensor("in", [float(r == c) for r in range(3) for c in range(512)], [3, 512]),
        onnx.elsewhere("same", [512, 512], "w.data"),
        onnx.tensor("out", [4.0, -2.0, 0.5, *[0.0] * 509], [512, 1]),
        onnx.tensor("b", [3.0], [1]),
    ]
    nodes = [
        onnx.node("MatMul", ["x", "in"], "h"),
        onnx.node("MatMul", ["h", "same"], "k"),
        onnx.node("Gemm", ["k", "out", "b"], "y"),
    ]
    (target / "model.onnx").write_bytes(onnx.model(nodes, tensors))
