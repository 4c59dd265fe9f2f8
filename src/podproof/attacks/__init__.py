"""What a process tries in spite of its context: one attack per file, as data, with what should stop it.

A scene (the effective context, the neighbours, facts of the node) goes in; programs of system calls and what
the kernel should answer come out. Nothing here runs them: the room `runtimes` does. Every attack is harmless
to the node even where it succeeds, in a privileged container too: it opens without writing, asks with
arguments that are refused after the permission check, or acts in a forked child and its own folder.
"""
