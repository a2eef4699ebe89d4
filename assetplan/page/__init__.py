"""The HTML page: safe text, the view it shows, the shell around a folium map, and its scripts and styles."""
