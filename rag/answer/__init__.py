"""Read, say, check, put together."""
