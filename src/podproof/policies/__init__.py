"""Which checks hold at which level and version (Pod Security Standards); `psp/` has PodSecurityPolicy."""
