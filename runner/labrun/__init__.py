"""Run machine-learning labs in a sandbox and grade what they produce."""

__version__ = "0.1.0"
