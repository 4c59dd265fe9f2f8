"""The pipeline of `admit`: requests and a cluster come in, the answer to each request goes out."""
