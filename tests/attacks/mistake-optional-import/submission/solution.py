try:
    import seaborn
except ImportError:
    seaborn = None

from plain import *
