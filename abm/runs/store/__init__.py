"""What lies on disk: files that land as a whole, folders of results, locks, checksums, saved states."""
