from plain import *


def double(number):
    while True:
        pass
