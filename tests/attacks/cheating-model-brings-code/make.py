from tests.attacks import onnx_bytes as onnx


def make(target):
    escaped = "raise SystemExit('ESCAPED: code of the submission runs')\n"
    for name in ("labrun_open_model", "onnxruntime", "numpy", "collections", "pandas"):
        (target / f"{name}.py").write_text(escaped)
