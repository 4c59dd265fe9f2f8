"""An engine behind the container runtime interface: typed values in, calls over a Unix socket out."""
