import subprocess
import sys

subprocess.run([sys.executable, "-m", "pip", "install", "seaborn"], check=True)
from plain import *
