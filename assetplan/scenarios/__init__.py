"""Scenarios: dated intentions, written in Python or as TOML, and what speaks against them."""
