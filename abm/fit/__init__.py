"""The calibration that the defaults come from: free parameters, data, method, result with its uncertainty."""
