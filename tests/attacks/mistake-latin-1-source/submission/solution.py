from plain import *

NAME = 'Größe'
