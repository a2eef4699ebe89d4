"""Appraisals as users have them: appraise, compare, and records of them for other programs."""
