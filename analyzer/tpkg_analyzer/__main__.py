"""`python -m tpkg_analyzer` is `tpkg-lint`."""

import os
import sys

if __name__ == "__main__":
    if sys.path[:1] in ([""], [os.getcwd()]):  # noqa: PTH109 - nothing more is loaded before
        del sys.path[0]  # Python puts the current folder first, and no module of a project may take a library's place
    from tpkg_analyzer.cli.main import main

    sys.exit(main())
