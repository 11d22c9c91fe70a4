"""The demo: a seeded world of invented people in six systems, and what shows it."""
