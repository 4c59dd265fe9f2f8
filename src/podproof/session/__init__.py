"""The pipelines: a folder or a file for each verb. Nothing here prints.

Commands translate their arguments and call these.
"""
