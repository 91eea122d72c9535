from plain import *

NAME = 'x'
