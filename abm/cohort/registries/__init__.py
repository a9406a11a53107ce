"""What two registries can and cannot say about the unknown factors of a cohort."""
