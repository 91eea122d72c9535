import os


def make(target):
    os.mkfifo(target / "notes.txt")
