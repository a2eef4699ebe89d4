"""The two cases of a scenario: what it is worth to the whole, and what it does to each body's money, line by line."""
