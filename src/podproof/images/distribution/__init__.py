"""A client of registries (OCI distribution API v2): references in, verified documents and layers out.

Connections go only where the address rule lets them, whatever a registry redirects to. Nothing is pushed.
"""
