"""The engine: columns of features in, clusters, judged pairs and questions out; the same for a million and for one."""
