"""Request, namespace and policies in; decision, patch, warnings, audit annotations out, in the server's words."""
