"""What becomes of a record, whoever asks: it is checked, what was found is carried out, and what waited is released."""
