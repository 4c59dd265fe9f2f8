"""The webhook, in process and over TLS."""
