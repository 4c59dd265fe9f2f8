"""One control per file: a check is a value, found because its file exists. See `_check.py` for its shape."""
