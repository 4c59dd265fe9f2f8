"""The pipeline of `fix`: inputs come in; each file as it would be written, with its reasons, goes out."""
