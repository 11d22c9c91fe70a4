"""Tests of the runner and the scheduler, with a source in memory."""
