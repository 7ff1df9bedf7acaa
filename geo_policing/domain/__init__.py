"""What policing means here: areas, beats, plans, postings and facilities, and their rules."""
