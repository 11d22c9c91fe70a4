"""The tests: a mirror of the source, plus whole journeys and the servers they need."""
