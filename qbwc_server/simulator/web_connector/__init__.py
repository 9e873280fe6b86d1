"""The simulated Web Connector: one application in its list, the sessions it holds with a server, and their SOAP."""
