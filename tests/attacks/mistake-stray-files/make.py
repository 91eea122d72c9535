def make(target):
    for name in (".git", "__pycache__", "-rf"):
        (target / name).mkdir()
        (target / name / "x.py").write_text("raise SystemExit\n")
    for name in ("notes.docx", "a b.py", "a\nb.py", "model.bin", ".env"):
        (target / name).write_text("x\n")
