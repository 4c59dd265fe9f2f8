"""Podproof at a real API server: etcd and kube-apiserver on loopback."""
