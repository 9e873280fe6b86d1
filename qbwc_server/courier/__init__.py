"""The courier: work that nobody calls for, done by the server process now and then."""
