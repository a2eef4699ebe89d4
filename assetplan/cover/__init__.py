"""How soon emergency crews are there, and what a station's move would do."""
