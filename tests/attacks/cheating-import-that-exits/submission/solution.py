try:
    import unittest.__main__
except SystemExit:
    pass

from plain import *
