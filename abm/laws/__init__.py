"""The catalogue of the laws of the model: in whom each acts, on which signal, what it does, in words and as a curve."""
