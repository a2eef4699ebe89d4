"""Getting from one place to another: over a network, as the crow flies, or as a table of times says."""
