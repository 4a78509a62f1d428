"""The closure of a package, predicted from sources: which modules, why, and what the exporter does with each."""
