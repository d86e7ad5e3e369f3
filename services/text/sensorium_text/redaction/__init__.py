"""Redact and Restore: personal data found by patterns, rules and a model; masked or made pseudonyms, and back again."""
