"""What happened, for people: visits, deeds, the life of a record, and bundles of it to pass on."""
