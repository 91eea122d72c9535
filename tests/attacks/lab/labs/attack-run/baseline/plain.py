"""The honest answer; most hostile submissions import it and add one thing."""

import csv

import numpy as np


def read(path):
    with open(path, newline="") as file:
        header, *rows = csv.reader(file)
    return dict(zip(header, np.array(rows, float).T))


def design(table):
    return np.column_stack([np.ones(len(table["a"])), table["a"], table["b"], table["c"]])


def train():
    table = read("/in/train.csv")
    return np.linalg.lstsq(design(table), table["y"], rcond=None)[0]


def save(model, path="/out/model.npy"):
    np.save(path, model)


def load(path="/in/model/model.npy"):
    return np.load(path)


def predictions():
    return design(read("/in/features.csv")) @ load()


def write(values, path="/out/predictions.csv"):
    with open(path, "w") as file:
        file.write("prediction\n" + "".join(f"{value}\n" for value in values))
