"""PodSecurityPolicy (policy/v1beta1, up to Kubernetes 1.24): one strategy a file.

A policy and a decoded, defaulted pod come in; the edits that the policy makes, what it has against the pod
afterwards, and who may use it go out. Nothing here talks HTTP or reads files; `admission` chooses among
policies.
"""
