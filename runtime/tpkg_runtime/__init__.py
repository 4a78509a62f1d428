"""The exporter and importer; also the torch-free specification that the analyzer shares."""
