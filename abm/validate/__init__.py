"""Validation: does what comes out of the model agree with what was found in mice? Each target can be run by anybody."""
