"""The tests; a package, so that they find what they stand in as `tests.worlds`."""
