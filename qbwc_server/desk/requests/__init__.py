"""Requests in qbXML that somebody has written themselves."""
