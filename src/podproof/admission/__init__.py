"""The API server's admission for pod security as a pure engine.

Cluster objects and a request come in; a Decision with the API server's own words, warnings, audit annotations
and patch goes out. Nothing here opens sockets, reads files or looks at a clock.
"""
