"""Tables of the API's types, generated from k8s.io/api by tools/fieldtables; `kube/types.py` reads them."""
