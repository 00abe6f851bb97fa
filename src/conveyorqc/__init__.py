"""Visual quality control on conveyor lines."""
