"""Tests about the shape of the project itself: layers, files, documents."""
