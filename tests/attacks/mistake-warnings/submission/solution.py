import warnings

import plain
from plain import *


def predict(model, features):
    warnings.warn("this will change", DeprecationWarning)
    np.log(np.zeros(3))
    return plain.predict(model, features)
