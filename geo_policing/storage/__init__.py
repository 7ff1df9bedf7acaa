"""What people decide: the database, one repository per aggregate."""
