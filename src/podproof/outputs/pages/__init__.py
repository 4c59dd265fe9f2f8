"""HTML pages: results come in, self-contained pages that load nothing go out, one room for all verbs."""
