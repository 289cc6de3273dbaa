"""Passages are found for a question."""
