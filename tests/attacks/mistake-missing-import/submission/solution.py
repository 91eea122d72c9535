import seaborn
from plain import *
