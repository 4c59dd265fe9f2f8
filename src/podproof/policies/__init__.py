"""Which checks hold at which level and version (Pod Security Standards); PodSecurityPolicy lives in `psp/`."""
