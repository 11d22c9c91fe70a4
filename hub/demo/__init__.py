"""The demo: a seeded world of invented people in four systems, and what shows it."""
