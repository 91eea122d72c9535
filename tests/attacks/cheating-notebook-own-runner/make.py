def make(target):
    body = "def run(*_):\n    raise SystemExit('ESCAPED: the runner is not ours')\n"
    (target / "labrun_notebook.py").write_text(body)
