"""Moving records from one vendor into a database: this hub's ways as programs, the vendor, the rounds, the report."""
