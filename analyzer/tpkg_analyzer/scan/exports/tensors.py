"""What is known of tensors: which functions and methods give one, and not several or something else."""

from tpkg_analyzer.scan.exports.scalars import scalar
from tpkg_analyzer.scan.exports.state import Arguments, Machine, Site
from tpkg_analyzer.scan.exports.values import Either, External, Instance, Tensor, Value


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MAKING = _words(
    """
    tensor as_tensor from_numpy zeros ones empty full eye arange linspace logspace rand randn randint randperm
    normal bernoulli zeros_like ones_like empty_like full_like rand_like randn_like scalar_tensor
    empty_strided complex polar hann_window hamming_window blackman_window bartlett_window kaiser_window
    triu_indices tril_indices cartesian_prod combinations view_as_complex view_as_real
    """
)
_TRANSFORMING = _words(
    """
    cat concat concatenate stack hstack vstack dstack reshape flatten squeeze unsqueeze permute transpose
    movedim swapaxes flip roll tile repeat_interleave broadcast_to tril triu diag diagonal diag_embed
    index_select gather take masked_select scatter abs add sub subtract mul multiply div divide true_divide
    floor_divide remainder fmod neg pow square sqrt rsqrt exp exp2 expm1 log log2 log10 log1p sin cos tan asin
    acos atan atan2 sinh cosh tanh sigmoid relu softmax log_softmax erf erfinv floor ceil round trunc sign
    clamp clip minimum maximum lerp reciprocal sum mean std var prod norm cumsum cumprod logsumexp all any
    count_nonzero argmax argmin argsort matmul mm bmm mv dot outer einsum kron inverse cholesky ne eq lt gt le
    ge logical_and logical_or logical_not isnan isinf isfinite nan_to_num bucketize searchsorted clone detach
    _weight_norm
    """
)
_METHODS = _TRANSFORMING | _words(
    """
    view view_as reshape_as t contiguous float double half bfloat16 int long bool to type_as cuda cpu expand
    expand_as repeat unflatten masked_fill new_zeros new_ones new_full new_empty new_tensor index_add
    index_fill fill softmax
    """
)
_LINEAR = _words(
    """
    norm vector_norm matrix_norm inv pinv det cholesky solve matrix_power cross multi_dot
    """
)
_NAMESPACES = ("torch.nn.functional", "torch.fft", "torch.special")
# These have no storage of their own; torch keeps them with what they are rebuilt by.
_UNCOMMON = ("uint16", "uint32", "uint64", "float8", "float4", "qint", "quint", "bits")
DATA = frozenset({"data", "T", "mT", "H", "mH", "real", "imag"})
_SCALARS = _words(
    """
    numel nelement dim ndimension size stride item element_size data_ptr get_device storage_offset is_contiguous
    is_floating_point is_complex is_signed is_pinned is_shared equal allclose
    """
)


def tensor_of(name: str, arguments: Arguments) -> Value | None:
    """Return the tensor that a function of torch gives; None where it gives anything else."""
    space, _, short = name.rpartition(".")
    if _is_uncommon(arguments):
        return None
    if space == "torch":
        return Tensor() if short in _MAKING | _TRANSFORMING or short.endswith("_") else None
    if space == "torch.linalg":
        return Tensor() if short in _LINEAR else None
    return Tensor() if space in _NAMESPACES and short.islower() and not short.endswith("_with_indices") else None


def device_of(machine: Machine) -> Value:
    """Return the device of a tensor, whatever it is."""
    return Instance(External("torch.device"), level=machine.level)


def dtype_of(site: Site) -> Value:
    """Return the type of a tensor's numbers, of which it does not matter to a pickle which one it is."""
    return Either((External("torch.float32"), External("torch.float64")), site.unknown)


def size_of(machine: Machine) -> Value:
    """Return the shape of a tensor."""
    return Instance(External("torch.Size"), level=machine.level)


def result_of(machine: Machine, receiver: Tensor, name: str, arguments: Arguments, site: Site) -> Value | None:
    """Return what a method of a tensor gives; None where that is neither a tensor nor a scalar."""
    if name in _SCALARS:
        is_whole = name in ("size", "stride") and not (arguments.positional or arguments.keywords)
        return scalar(site.unknown) if not is_whole else size_of(machine) if name == "size" else None
    if name.endswith("_") and not name.startswith("_"):
        return receiver  # changed in place
    is_cast = name == "type" and bool(arguments.positional)  # without an argument it is the name of the type
    return Tensor() if (name in _METHODS or is_cast) and not _is_uncommon(arguments) else None


def _is_uncommon(arguments: Arguments) -> bool:
    given = (*arguments.positional, *(value for _, value in arguments.keywords))
    return any(isinstance(value, External) and any(kind in value.name for kind in _UNCOMMON) for value in given)
