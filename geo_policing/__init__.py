"""geo_policing: who is my local policing team, and is nobody left without one?"""

__version__ = "0.1.0"
