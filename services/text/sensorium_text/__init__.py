"""The text service: embed, rank, classify, extract entities, redact, summarize, explain."""
