"""The web application: pages and JSON."""
