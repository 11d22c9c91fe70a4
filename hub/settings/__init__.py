"""Settings: strict YAML becomes typed settings, or a list of everything that is wrong."""
