"""Mutation testing of the deciding rooms: makes one small mistake at a time and asks whether a test notices
it.

`python -m tools.mutation --help` says what may be asked. `operators` makes the mistakes, `sample` chooses
some of them, `reach` finds which tests run which lines, `server` runs these tests on a mistake,
`equivalents` holds the mistakes that change nothing.
"""
