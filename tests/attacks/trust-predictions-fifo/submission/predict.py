import os

os.mkfifo("/out/predictions.csv")
