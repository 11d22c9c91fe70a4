"""Facts: what happened and what people decided. Never derived, kept by every rebuild."""
