with open("/out/predictions.csv", "wb") as file:
    file.write(b"<script>alert(1)</script>\n" + b"1.0\n" * 300)
