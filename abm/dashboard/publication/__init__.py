"""What is taken from the page: a figure for print, and one archive of everything."""
