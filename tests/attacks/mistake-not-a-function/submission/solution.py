from plain import *

fit = 3
