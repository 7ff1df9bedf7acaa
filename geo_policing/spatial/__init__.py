"""Geometry: coordinate systems, coverages, indexes and overlays, all in EPSG:27700 metres."""
