"""Mutation testing of the deciding rooms: makes one small mistake at a time and asks whether a test notices
it.

`python -m tools.mutation --help` says what may be asked. `operators` makes the mistakes, `mutants` names
them, `sample` chooses some of them, `reach` and `constants` find which tests run which lines, `server` runs
these tests on a mistake (`live` in a running process, `at_import` in a new one), `equivalents` holds the
mistakes that change nothing.
"""
