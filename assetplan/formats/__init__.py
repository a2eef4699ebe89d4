"""Opening a file: bytes to cells of text and shapes, whatever format a public body has chosen, and nothing more."""
