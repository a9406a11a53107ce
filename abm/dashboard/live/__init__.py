"""The running views: models, frames, orders."""
