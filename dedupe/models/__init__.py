"""The models that are shipped, as YAML."""
