from plain import *


def double(number):
    return 0


def rms(values):
    return 0.0
