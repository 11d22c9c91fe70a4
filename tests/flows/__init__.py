"""Whole journeys: simulators on real sockets, `hub` as a process, SQLite and PostgreSQL."""
