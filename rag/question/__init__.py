"""What a question asks: follow-ups, parts, purpose, premises."""
