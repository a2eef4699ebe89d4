"""Appraisal: what a scenario does to each body's money year by year, and what it is worth to the public purse."""
