from importlib.util import LazyLoader, find_spec, module_from_spec
spec = find_spec("nothere_a")
loader = LazyLoader(spec.loader)
