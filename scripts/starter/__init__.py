"""Makes boundaries/cambridgeshire/ out of GeoNames places: see boundaries/README.md for the method and its limits."""
