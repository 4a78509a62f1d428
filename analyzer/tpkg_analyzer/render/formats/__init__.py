"""The formats of `tpkg-lint check`, a module each; `registry` lists them."""
