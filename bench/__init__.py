"""Speed, measured on request and never in the tests: `python -m bench`."""
