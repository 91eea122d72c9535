from plain import *


class SandboxError(Exception):
    exit_code = 4


def predict(model, features):
    raise SandboxError("the sandbox could not be started")
