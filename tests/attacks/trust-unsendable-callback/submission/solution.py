from plain import *


def apply_twice(function, value):
    return function(2**12899 * 2 - 1)
