"""The soak: real workers and schedulers, vendors that never rest, blow after blow, and an oracle that counts."""
