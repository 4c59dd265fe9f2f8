"""Decides how findings are mended: which edits, where they are written, and what each of them rests on.

Findings with the edits that their checks know come in, changes to an object go out. Nothing here writes a
file, and nothing is believed: who asks for changes has the result judged again.
"""
