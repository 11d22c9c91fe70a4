"""The JSON API at /api/v1: one file for each resource, and the doors that all of them share."""
