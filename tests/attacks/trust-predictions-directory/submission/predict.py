import os
import socket

OUT = "/out/predictions.csv"
os.mkdir(OUT)
