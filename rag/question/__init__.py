"""What a question asks: follow-ups, parts, intents, premises."""
