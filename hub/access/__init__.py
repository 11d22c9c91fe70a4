"""Who may do what, and how much of a person they see: pure, without a store."""
