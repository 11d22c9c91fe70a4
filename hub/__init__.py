"""contact hub: the service that makes one contact of many records."""
