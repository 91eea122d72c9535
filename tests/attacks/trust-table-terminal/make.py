def make(target):
    path = target / "predictions.csv"
    head, first, *rows = path.read_text().split()
    bad = first.split(",")[0] + ',"\x1b]0;owned\x07\x1b[2J<script>alert(1)</script>"'
    path.write_text("\n".join((head, bad, *rows)))
