"""Files become passages: parsed, split, indexed."""
