"""Generates the tables of feature gates from the published Go modules."""
