"""The speech service: what is said in recordings and streams, words with their times, and commands."""
