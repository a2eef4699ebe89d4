"""How much floor buildings have for those in them, against others and against standards."""
