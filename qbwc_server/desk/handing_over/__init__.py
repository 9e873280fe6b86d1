"""Records that a host hands over: taken in one by one or many at once, or only looked at; and what else it asks for."""
