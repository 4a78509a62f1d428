import runpy, pkg_nothing
