"""Records as people recognise them: number, whose it is, date, amount, lines, and what QuickBooks said of them."""
