"""Image reference in, image configuration out; what is missing is reported as unknown, never guessed.

Archives, layouts and the lock file are read; nothing is unpacked to disk and no network is used.
"""

DEFAULT_LOCK = "podproof-images.yaml"
"""The lock file that is read without being named."""
