"""One file per pipeline; commands translate arguments and call these."""
