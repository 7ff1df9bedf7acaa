"""Presentation of maps; empty until the map issues land."""
