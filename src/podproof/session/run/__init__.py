"""The pipeline of `run`: manifests come in, their pods run on an engine, and how they ended goes out."""
