"""Tests of the rule language of segments: what a rule says, and the laws it keeps."""
