"""The map as a picture for papers that go out as PDF: PNG, PDF or SVG, drawn by matplotlib."""
