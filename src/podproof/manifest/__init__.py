"""Text in, documents whose every key and value has a place out. Knows YAML and JSON, not Kubernetes."""
