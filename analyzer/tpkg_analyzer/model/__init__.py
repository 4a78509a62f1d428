"""The words of the analyzer: plain frozen data that every layer shares."""
