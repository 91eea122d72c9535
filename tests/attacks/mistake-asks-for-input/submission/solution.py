from plain import *


def fit(train):
    return float(input("learning rate? "))
