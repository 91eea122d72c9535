import json


def make(target):
    path = target / "analysis.ipynb"
    notebook = json.loads(path.read_text())
    cells = notebook["cells"]
    cells.insert(len(cells), {"cell_type": "code", "source": "print('\x1b[2J<script>alert(1)</script>')\n'<img src=x onerror=alert(2)>\x1b]0;owned\x07'\n", "metadata": {}})
    path.write_text(json.dumps(notebook))
