from plain import *


def fit(train):
    train.to_csv("results/train.csv")
