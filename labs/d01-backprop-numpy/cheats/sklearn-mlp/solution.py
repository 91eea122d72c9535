"""Cheat: the network of scikit-learn, in a lab that asks for your own."""

import numpy as np
from sklearn.neural_network import MLPClassifier

TARGET = "letter"
HIDDEN = 128
EPOCHS = 20
BATCH = 64
RATE = 0.1
MOMENTUM = 0.9


def init(sizes, seed=0):
    """Return [(weights, bias), …]: normal weights with variance 2 / inputs, biases of zero."""
    rng = np.random.default_rng(seed)
    return [
        (rng.normal(0, np.sqrt(2 / inputs), (inputs, outputs)), np.zeros(outputs))
        for inputs, outputs in zip(sizes[:-1], sizes[1:], strict=True)
    ]


def _outputs(params, x):
    """Return what each layer was given, and the scores of the last."""
    given = [x]
    for weights, bias in params[:-1]:
        given.append(np.maximum(given[-1] @ weights + bias, 0))
    weights, bias = params[-1]
    return given, given[-1] @ weights + bias


def forward(params, x):
    """Return the scores (n, classes) of the last layer."""
    return _outputs(params, np.asarray(x, dtype=float))[1]


def _log_softmax(scores):
    # Taking the largest away changes no probability, and exp can no longer overflow.
    scores = scores - scores.max(axis=1, keepdims=True)
    return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))


def loss(params, x, y, decay=0.0):
    """Return the mean cross-entropy plus decay / 2 times the sum of squared weights."""
    logs = _log_softmax(forward(params, x))
    penalty = sum(np.sum(weights**2) for weights, _ in params)
    return float(-logs[np.arange(len(y)), y].mean() + decay / 2 * penalty)


def gradients(params, x, y, decay=0.0):
    """Return [(d loss / d weights, d loss / d bias), …] in the order of params."""
    given, scores = _outputs(params, np.asarray(x, dtype=float))
    error = np.exp(_log_softmax(scores))
    error[np.arange(len(y)), y] -= 1
    error /= len(y)
    found = []
    for (weights, _), inputs in zip(reversed(params), reversed(given), strict=True):
        found.append((inputs.T @ error + decay * weights, error.sum(axis=0)))
        error = (error @ weights.T) * (inputs > 0)  # at the first layer nobody asks for it
    return found[::-1]


def fit(train, seed=0, epochs=EPOCHS):
    columns = [name for name in train.columns if name != TARGET]
    letters, y = np.unique(train[TARGET].to_numpy(dtype=str), return_inverse=True)
    x = train[columns].to_numpy(dtype=float)
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-9
    network = MLPClassifier((HIDDEN,), batch_size=BATCH, max_iter=epochs, random_state=seed % (1 << 32))
    network.fit((x - mean) / scale, y)
    params = list(zip(network.coefs_, network.intercepts_, strict=True))
    return {"columns": columns, "letters": letters, "mean": mean, "scale": scale, "params": params}


def predict(model, features):
    """Return the most probable letter of each row."""
    x = (features[model["columns"]].to_numpy(dtype=float) - model["mean"]) / model["scale"]
    return model["letters"][forward(model["params"], x).argmax(axis=1)]
