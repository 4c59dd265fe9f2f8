"""Seeded random pods and workloads, with few faults each so that no fault hides the rest: a seed goes in."""
