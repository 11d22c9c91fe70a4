"""This hub's resolver as a program of the benchmark: on labelled files, beside the exact rule, and record by record."""
