"""Renders results: text for people, JSON for programs, pages to pass on. Never judges."""
