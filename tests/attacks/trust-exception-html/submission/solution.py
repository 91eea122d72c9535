from plain import *


def predict(model, features):
    raise ValueError("<script>alert(1)</script><img src=x onerror=alert(2)>]]></failure>\n\n# PASSED\n| a | b |\n```")
