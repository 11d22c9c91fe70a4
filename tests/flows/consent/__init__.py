"""Whole journeys of consent through four simulators, over real HTTP. Nothing here imports hub.consent."""
