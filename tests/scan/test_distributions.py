"""What is installed, by distribution; somebody's own code in an editable install is not."""

from tests.scan.trees import INTERPRETER, LIBRARY
from tpkg_analyzer.scan.distributions import distribution_of, distributions
from tpkg_analyzer.sources.files import Memory


def test_modules_come_from_the_record() -> None:
    record = "fast/__init__.py,sha256=a,1\nfast/core.so,,\nfast/inner/__init__.so,,\n../bin/fast,,\nfast/data-1.py,,\n"
    files = Memory(
        {
            f"{LIBRARY}/Fast_Thing-2.0.dist-info/RECORD": record,
            f"{LIBRARY}/own-1.0.dist-info/RECORD": "own.py,,\n",
            f"{LIBRARY}/own-1.0.dist-info/direct_url.json": '{"url": "file:///own", "dir_info": {"editable": true}}',
            f"{LIBRARY}/_ssl.so": b"",
        }
    )
    standard, fast = distributions(files, INTERPRETER)
    assert (standard.name, standard.compiled) == ("python", ("_ssl",))
    assert (fast.name, fast.version, fast.tops) == ("fast-thing", "2.0", ("fast",))
    assert fast.compiled == ("fast.core", "fast.inner")
    assert fast.modules == ("fast",)
    assert distribution_of("fast.core.deep", [standard, fast]) is fast
    assert distribution_of("own", [standard, fast]) is None
