"""The other engines: each set up as its expert would, run on the same records in a process of its own, and measured."""
