"""The harness instruments what it imports, so pytest does not import it to look for doctests."""

collect_ignore = ["fuzz_readers.py"]
