from stub import only
