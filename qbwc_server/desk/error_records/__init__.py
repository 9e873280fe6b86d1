"""What stands in the way: error records, their groups, what may be chosen of them, and what people agree about them."""
