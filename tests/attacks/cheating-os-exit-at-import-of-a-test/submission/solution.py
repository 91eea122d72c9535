import os

if os.getppid() != 1:
    os._exit(0)

from plain import *
