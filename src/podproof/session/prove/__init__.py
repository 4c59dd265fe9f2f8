"""The pipeline of `prove`: pods run, are observed, compared with their prediction and attacked."""
