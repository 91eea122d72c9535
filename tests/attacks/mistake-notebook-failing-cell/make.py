import json


def make(target):
    path = target / "analysis.ipynb"
    notebook = json.loads(path.read_text())
    cells = notebook["cells"]
    cells.insert(2, {"cell_type": "code", "source": 'a = 1\nb = a + undefined\n', "metadata": {}})
    path.write_text(json.dumps(notebook))
