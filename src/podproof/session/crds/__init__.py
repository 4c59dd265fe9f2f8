"""The CustomResourceDefinitions of Podproof's own kinds, which `podproof crds` prints."""
