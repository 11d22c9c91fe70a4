"""Parts of the benchmark of the pages: the hub that is looked at, and those who look."""
