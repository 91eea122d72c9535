import json


def make(target):
    path = target / "analysis.ipynb"
    notebook = json.loads(path.read_text())
    cells = notebook["cells"]
    cells.insert(3, {"cell_type": "code", "source": 'import os\nos._exit(0)\n', "metadata": {}})
    path.write_text(json.dumps(notebook))
