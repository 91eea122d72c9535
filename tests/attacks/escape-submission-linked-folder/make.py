def make(target):
    (target / "data").symlink_to("/etc")
