"""Edits made in a document's own text: what they do not touch keeps every byte, comments included.

A Document and its edits come in; spans of its text and what to write there go out. What cannot be changed
safely is refused: the result is read again, and has to be what the edits mean.
"""
