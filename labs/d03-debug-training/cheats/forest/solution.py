"""Cheat: scikit-learn reads letters better, so leave the loop alone."""

import numpy as np
import torch
from sklearn.ensemble import RandomForestClassifier
from torch import nn

HIDDEN = 128
DROPOUT = 0.3

torch.set_num_threads(1)


def build(inputs, classes, seed=0):
    """Return the network: its output is one raw score (logit) a class."""
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Linear(inputs, HIDDEN),
        nn.ReLU(),
        nn.Dropout(DROPOUT),
        nn.Linear(HIDDEN, classes),
    )


def batches(x, y, size, seed=0):
    """Return a list of (x, y) pairs of at most `size` rows: each row once, in random order.

    Every fourth pair is turned round, so that the network does not always see the same end last.
    """
    order = np.random.default_rng(seed).permutation(len(y))
    pairs = []
    for number, start in enumerate(range(0, len(order), size)):
        rows = order[start : start + size]
        if number % 4 == 3:
            rows = rows[::-1]
        pairs.append((x[rows], y[rows]))
    return pairs


def gradients(network, x, y):
    """Leave the gradient of the mean cross-entropy of one batch in the network; return it too.

    x is a float32 array (n, inputs), y an int64 array (n,). The result is a list of arrays.
    """
    network.zero_grad()
    scores = network(torch.as_tensor(np.ascontiguousarray(x)))
    loss = nn.functional.cross_entropy(scores, torch.as_tensor(np.ascontiguousarray(y)))
    loss.backward()
    return [parameter.grad.numpy().copy() for parameter in network.parameters()]


def probabilities(network, x):
    """Return the probability of each class, (n, classes), for a float32 array (n, inputs)."""
    network.eval()
    with torch.no_grad():
        return torch.softmax(network(torch.as_tensor(np.ascontiguousarray(x))), dim=1).numpy()


def fit(train, epochs=None, seed=0):
    x = train.drop(columns="letter")
    forest = RandomForestClassifier(20, random_state=seed).fit(x, train["letter"].to_numpy(str))
    return {"columns": list(x.columns), "forest": forest}


def predict(model, features):
    return model["forest"].predict(features[model["columns"]])
