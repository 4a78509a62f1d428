"""Export an installed library with torch.package and print what its exporter says about it, as JSON.

    python export_for_real.py einops

The library is interned, everything else is extern.
"""

import io
import json
import sys

from torch.package import PackageExporter


def main(library: str) -> None:
    """Export into memory; the sets are asked before the archive is closed."""
    with PackageExporter(io.BytesIO()) as exporter:
        exporter.intern(f"{library}.**")
        exporter.extern("**")
        exporter.save_module(library)
        sets = {
            "interned": exporter.interned_modules(),
            "externed": exporter.externed_modules(),
            "mocked": exporter.mocked_modules(),
            "denied": exporter.denied_modules(),
        }
    json.dump(sets, sys.stdout, indent=2)


if __name__ == "__main__":
    main(sys.argv[1])
