def make(target):
    (target / "solution.py").unlink()
    (target / "solution.py").symlink_to("/etc/shadow")
