import plain
from plain import *


def fit(train):
    print("\x1b[2J\x1b]0;owned\x07\x9b31m \u202e <script>alert(1)</script> \0 \x08", flush=True)
    return plain.fit(train)
