"""Trees and a forest, from scratch: fill in the functions and classes. NumPy only."""

import numpy as np


def gini(y):
    """Return the Gini impurity of an array of class labels (whole numbers, any of them)."""
    return 0.5


def best_split(x, y, min_leaf=1):
    """Return (feature, threshold, gain) of the best split `x[:, feature] <= threshold`, or None.

    x is (n, p) and may hold NaN, y is (n,). Rows that are not <= threshold go right, NaN among them.
    """
    # This looks at the middle of the first column, and at nothing else.
    left = x[:, 0] <= np.nanmedian(x[:, 0])
    parts = left.mean() * gini(y[left]) + (1 - left.mean()) * gini(y[~left])
    return 0, float(np.nanmedian(x[:, 0])), gini(y) - parts


class Tree:
    """A tree for labels 0 and 1, grown by best_split."""

    def __init__(self, max_depth=None, min_leaf=1, max_features=None, seed=0):
        self.max_depth, self.min_leaf = max_depth, min_leaf
        self.max_features, self.seed = max_features, seed

    def fit(self, x, y):
        self.share = float(np.mean(y))  # a tree that is a single leaf
        return self

    def predict_proba(self, x):
        """Return (n,): the share of class 1 in the leaf of each row."""
        return np.full(len(x), self.share)


class Forest:
    """The mean of trees that are grown on rows drawn with replacement."""

    def __init__(self, trees=40, max_features=None, min_leaf=1, seed=0):
        self.trees, self.max_features, self.min_leaf, self.seed = trees, max_features, min_leaf, seed

    def fit(self, x, y):
        self.members = [Tree(min_leaf=self.min_leaf).fit(x, y)]
        return self

    def predict_proba(self, x):
        """Return (n,): the mean over the trees."""
        return np.mean([tree.predict_proba(x) for tree in self.members], axis=0)

    def oob_proba(self):
        """Return (n,): for each row of fit, the mean over the trees that were not grown on it."""
        raise NotImplementedError


def fit(train, seed=0):
    """Learn from a table of measurements and `poor` (1 or 0); return a model that pickle can save."""
    columns = [name for name in train.columns if name != "poor"]
    forest = Forest(seed=seed)
    return columns, forest.fit(train[columns].to_numpy(dtype=float), train["poor"].to_numpy())


def predict_proba(model, features):
    """Return for each row of features the probability that the cell is outlined poorly."""
    columns, forest = model
    return forest.predict_proba(features[columns].to_numpy(dtype=float))
