"""What two registries can and cannot tell of the unknown factors of a cohort."""
