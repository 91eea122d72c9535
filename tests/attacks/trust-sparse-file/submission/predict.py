import os

with open("/out/predictions.csv", "w") as file:
    os.truncate(file.fileno(), 1 << 40)
