"""Commands of a closed vocabulary."""
