"""What pipelines return: plain values that `session` makes and `outputs` renders. Nothing is decided here."""
