"""Changes to an object as data, and what applies them: one `Edit`, several appliers.

Edits come in with the object that they change; the changed object (`apply.py`) or a JSON Patch of it
(`json_patch.py`) goes out. Which edits to make is decided elsewhere.
"""
