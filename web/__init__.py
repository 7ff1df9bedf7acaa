"""Templates and static files, found as package data from a checkout and from a wheel."""
