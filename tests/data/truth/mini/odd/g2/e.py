from ._mid import has_dotted
if has_dotted("nothere_a.b"):
    import nothere_a.b
