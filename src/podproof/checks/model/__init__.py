"""What a check is: the kinds of checks, what each is given, the list of all checks and their pages.

Other rooms and the checks themselves import from here; the modules beside this folder are the checks.
"""
