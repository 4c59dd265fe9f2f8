"""What a process tries in spite of its context: one attack per file, as data, with what should stop it."""
