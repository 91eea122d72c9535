from plain import *


def checked_sqrt(number):
    if number < 0:
        raise KeyError(number)
    return number**0.5
