"""Mistake: every tree is grown on the same rows, and no row is ever out of bag."""

import numpy as np

TARGET = "poor"
TREES = 40


def gini(y):
    """Return the chance that two rows drawn with replacement from y differ in class."""
    _, counts = np.unique(np.asarray(y), return_counts=True)
    shares = counts / counts.sum()
    return float(1 - np.sum(shares**2))


def best_split(x, y, min_leaf=1):
    """Return (feature, threshold, gain) of the best split x[:, feature] <= threshold, or None."""
    x, y = np.asarray(x, dtype=float), np.asarray(y)
    classes, codes = np.unique(y, return_inverse=True)
    n, (impurity, at, feature) = len(y), _impurities(x, codes, len(classes), min_leaf)
    gain = gini(y) - impurity / n
    if not np.isfinite(impurity) or gain <= 1e-12:
        return None
    values = np.sort(x[:, feature])  # NaN last
    return int(feature), _between(values[at], values[at + 1]), float(gain)


def _impurities(x, codes, k, min_leaf):
    """Return the least sum over both sides of rows times Gini, its place in order, its column."""
    n = len(codes)
    order = np.argsort(x, axis=0, kind="stable")
    values = np.take_along_axis(x, order, axis=0)
    rows = np.arange(1, n)[:, None]
    left_squares, right_squares = 0.0, 0.0
    for label in range(k):
        hit = np.cumsum(codes[order] == label, axis=0)
        left, right = hit[:-1], hit[-1] - hit[:-1]
        left_squares, right_squares = left_squares + left**2, right_squares + right**2
    impurity = n - left_squares / rows - right_squares / (n - rows)
    # Between equal values there is no room for a threshold; NaN differs from all, but not from NaN.
    apart = (values[:-1] < values[1:]) | (np.isnan(values[1:]) & ~np.isnan(values[:-1]))
    allowed = apart & (rows >= min_leaf) & (n - rows >= min_leaf)
    if not allowed.any():
        return np.inf, 0, 0
    impurity = np.where(allowed, impurity, np.inf).T  # lower feature first, then lower threshold
    feature, at = np.unravel_index(np.argmin(impurity.round(9)), impurity.shape)
    return impurity[feature, at], at, feature


def _between(low, high):
    """Return a threshold with low <= threshold < high; low itself where high is missing."""
    middle = low + (high - low) / 2
    return float(middle) if low <= middle < high else float(low)


class Tree:
    """A tree of two classes; nodes lie in lists, a leaf has feature -1."""

    def __init__(self, max_depth=None, min_leaf=1, max_features=None, seed=0):
        self.max_depth, self.min_leaf = max_depth, min_leaf
        self.max_features, self.seed = max_features, seed

    def fit(self, x, y):
        x, y = np.asarray(x, dtype=float), np.asarray(y)
        rng = np.random.default_rng(self.seed)
        nodes = []
        todo = [(np.arange(len(y)), 0, None)]
        while todo:
            rows, depth, parent = todo.pop()
            if parent is not None:
                nodes[parent[0]][parent[1]] = len(nodes)
            split = self._split(x[rows], y[rows], depth, rng)
            if split is None:
                nodes.append([-1, 0.0, 0, 0, y[rows].mean()])
                continue
            feature, threshold = split
            left = x[rows, feature] <= threshold
            here = len(nodes)
            nodes.append([feature, threshold, 0, 0, y[rows].mean()])
            todo += [(rows[~left], depth + 1, (here, 3)), (rows[left], depth + 1, (here, 2))]
        table = np.array(nodes, dtype=float)
        self.feature, self.threshold = table[:, 0].astype(int), table[:, 1]
        self.left, self.right = table[:, 2].astype(int), table[:, 3].astype(int)
        self.share = table[:, 4]
        return self

    def _split(self, x, y, depth, rng):
        if (self.max_depth is not None and depth >= self.max_depth) or y.min() == y.max():
            return None
        columns = np.arange(x.shape[1])
        if self.max_features is not None and self.max_features < len(columns):
            columns = np.sort(rng.choice(columns, self.max_features, replace=False))
        found = best_split(x[:, columns], y, self.min_leaf)
        return None if found is None else (columns[found[0]], found[1])

    def predict_proba(self, x):
        x = np.asarray(x, dtype=float)
        at = np.zeros(len(x), dtype=int)
        while (self.feature[at] >= 0).any():
            inside = np.flatnonzero(self.feature[at] >= 0)
            node = at[inside]
            goes_left = x[inside, self.feature[node]] <= self.threshold[node]  # NaN: right
            at[inside] = np.where(goes_left, self.left[node], self.right[node])
        return self.share[at]


class Forest:
    """The mean of trees, each of which sees other rows and other columns."""

    def __init__(self, trees=TREES, max_features=None, min_leaf=1, seed=0):
        self.trees, self.max_features, self.min_leaf, self.seed = trees, max_features, min_leaf, seed

    def fit(self, x, y):
        x, y = np.asarray(x, dtype=float), np.asarray(y)
        rng = np.random.default_rng(self.seed)
        n, p = x.shape
        columns = self.max_features or max(1, round(np.sqrt(p)))
        self.members = []
        for _ in range(self.trees):
            tree = Tree(None, self.min_leaf, columns, int(rng.integers(1 << 31)))
            self.members.append(tree.fit(x, y))
        self.out_of_bag = self.predict_proba(x)
        return self

    def predict_proba(self, x):
        return np.mean([tree.predict_proba(x) for tree in self.members], axis=0)

    def oob_proba(self):
        return self.out_of_bag

def fit(train, seed=0):
    columns = sorted(name for name in train.columns if name != TARGET)
    forest = Forest(TREES, max_features=11, min_leaf=3, seed=seed)
    x, y = train[columns].to_numpy(dtype=float), train[TARGET].to_numpy()
    return {"columns": columns, "forest": forest.fit(x, y)}


def predict_proba(model, features):
    x = features[model["columns"]].to_numpy(dtype=float)
    return model["forest"].predict_proba(x)
