"""One control per file: a check is a value, found because its file exists. `model/` has its shape.

Comes in: a typed pod, or what acceptance found out about an object. Goes out: violations and findings with
symbolic places. A check never imports another check and does no input or output.
"""
