"""Tests of the admin pages: who may see them, what they show, and what they never let through."""
