"""Request, namespace and policies in; decision, patch, warnings, annotations out, in the server's words."""
