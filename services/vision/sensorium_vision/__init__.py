"""The vision service: classify, embed, read text, read codes."""
