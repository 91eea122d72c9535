from plain import *


class Skipped(BaseException):
    pass


class XFailed(Exception):
    pass


Skipped.__module__ = XFailed.__module__ = "builtins"


def double(number):
    raise Skipped("not today")


def rms(values):
    raise XFailed("expected")
