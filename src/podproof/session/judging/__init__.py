"""Judging, shared by every verb that needs verdicts: a value comes in, findings with routes go out."""
