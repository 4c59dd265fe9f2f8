"""How results leave: text for people, JSON for programs. Never judges."""
