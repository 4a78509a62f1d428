"""Stands in for modules that were mocked out; the exporter writes this file to archives as `_mock.py`."""

_OPERATIONS = """
abs add and bool bytes call ceil cmp complex contains copy deepcopy delattr delitem dir div divmod enter eq exit float
floor floordiv ge getattr getitem getstate gt hash hex iadd iand idiv ifloordiv ilshift imod imul index instancecheck
int invert ior ipow irshift isub iter itruediv ixor le len long lshift lt matmul mod mul ne neg nonzero oct or pos pow
radd rand rdiv rdivmod reduce reversed rmul round rrshift rshift setattr setitem sizeof sub subclasscheck truediv
trunc unicode xor
"""


class MockedObject:
    """What a mocked module has under every name: it can be passed around, and any use of it raises."""

    _name: str = "MockedObject"

    def __new__(cls, *_: object, **kwargs: object) -> "MockedObject":
        # Only the stub of a mocked module may make one; an unpickler that tries has found a mocked class.
        if not kwargs.get("_suppress_err"):
            raise NotImplementedError(
                f"Object '{cls._name}' was mocked out during packaging but it is being used in '__new__'. "
                "If this error is happening during 'load_pickle', please ensure that your pickled object doesn't "
                "contain any mocked objects."
            )
        return super().__new__(cls)

    def __init__(self, name: str, _suppress_err: bool) -> None:
        self.__dict__["_name"] = name

    def __repr__(self) -> str:
        return f"MockedObject({self._name})"


def _refuse(operation: str) -> object:
    def refused(self: MockedObject, *_: object, **__: object) -> object:
        raise NotImplementedError(
            f"Object '{self._name}' was mocked out during packaging but it is being used in {operation}"
        )

    return refused


for _operation in _OPERATIONS.split():
    setattr(MockedObject, f"__{_operation}__", _refuse(f"__{_operation}__"))
