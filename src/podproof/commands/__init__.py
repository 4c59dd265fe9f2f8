"""The command line: one verb per file, loaded only when it is called."""
