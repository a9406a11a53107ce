"""The calibration of the model: free parameters, data, method, result with its uncertainty."""
