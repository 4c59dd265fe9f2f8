"""Request, namespace and policies in; decision, patch, warnings and audit annotations out, in the server's words."""
