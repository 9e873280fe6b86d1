"""Our own schemas, shipped as package data: the Web Connector WSDL we serve, the XSD of the qbXML we emit."""
