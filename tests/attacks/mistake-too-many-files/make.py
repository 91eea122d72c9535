def make(target):
    for number in range(300):
        (target / f"part{number}.py").write_text("")
