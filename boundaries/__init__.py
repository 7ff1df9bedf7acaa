"""The starter dataset's sources and packaged force files (CC BY 4.0, see manifest.json)."""
