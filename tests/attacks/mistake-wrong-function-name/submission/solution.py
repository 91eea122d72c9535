import plain
from plain import predict


def train(table):
    return plain.fit(table)
