"""Users of the pages and tokens of programs: who they are, what they sign in with, and what they may do."""
