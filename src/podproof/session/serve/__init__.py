"""The pipeline of `serve`: what is known of the cluster that a webhook answers for."""
