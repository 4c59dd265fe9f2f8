"""The pipeline of `check` for runs of any length: files come in, what a report has rendered of them goes out.

Segments are judged one by one, by several processes where there is work for them, and what was rendered waits
in a spool until all is known: memory does not grow with the number of files. It gives what `session.check`
gives.
"""
