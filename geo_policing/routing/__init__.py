"""Drive time: the road network in memory, searches on it, fields of seconds, contours, and who is within reach."""
