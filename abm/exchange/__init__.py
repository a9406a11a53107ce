"""Snapshots as tables and arrays of other libraries: pandas, AnnData, xarray."""
