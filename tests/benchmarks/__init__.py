"""Tests of what the benchmarks stand on: their data, their measures and the engines they are held against."""
