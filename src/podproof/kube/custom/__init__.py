"""The catalogue of custom resources that make pods, one project a file: data, found because the file exists.

A file says which kinds a project has, where their pods are, where pod-level settings lie apart from the
containers, and what the project's controller adds. `kube.custom_pods` reads it.
"""
