"""The pipeline of `manifests`: what to install comes in, the objects that install it go out, as YAML."""
