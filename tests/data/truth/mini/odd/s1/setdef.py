import sys, types
pkg = types.ModuleType("s1.fake_pkg"); pkg.__path__ = []
sys.modules.setdefault("s1.fake_pkg", pkg)
sys.modules.update({"s1.fake_mod": types.ModuleType("s1.fake_mod"), "s1.fake_pkg.sub": types.ModuleType("s1.fake_pkg.sub")})
