import builtins

from plain import *

builtins.isinstance = lambda value, kind: True
