"""Image reference in, image configuration out; what is missing is said to be unknown, never guessed."""
