"""What the page says, offers and hands out."""
