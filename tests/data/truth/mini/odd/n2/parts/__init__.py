from pathlib import Path
__path__ = [str(Path(__file__).parent / "sub")]
