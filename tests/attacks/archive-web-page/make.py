def make(target):
    (target / "work.zip").write_text("<!DOCTYPE html><html><title>Log in</title></html>")
