"""The qbXML language: typed records, requests and responses."""
