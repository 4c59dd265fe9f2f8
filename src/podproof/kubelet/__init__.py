"""The node's rules, pure: will it start, what is the runtime asked for, what would kubectl say."""
