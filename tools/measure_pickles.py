"""Measure predicted pickles: the modules that the interpreter of exports sees in a model, and those of the real pickle.

    python tools/measure_pickles.py --python INTERPRETER [--only WORD] [--show]

INTERPRETER has torch and the libraries of the samples installed. For each sample an export script is written, run for
real, and predicted without running it. The table is that of docs/explanation/exports.md.
"""

import argparse
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tpkg_analyzer.model.package import Package, RootKind
from tpkg_analyzer.session.projects import find_projects, open_project
from tpkg_runtime.spec.pickles import pickle_globals


@dataclass(frozen=True)
class Sample:
    """An object: the expression that makes it, and what that needs."""

    title: str
    expression: str
    imports: str


_TINY = "hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=37, vocab_size=99"
_NN = "from torch import nn"
SAMPLES = [
    Sample("`nn.MultiheadAttention`", "nn.MultiheadAttention(8, 2)", _NN),
    Sample("`nn.TransformerEncoder`", "nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2), 1)", _NN),
    Sample(
        "`nn.Sequential` of five layers",
        "nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(4, 2))",
        _NN,
    ),
    Sample("`nn.LSTM`", "nn.LSTM(4, 4)", _NN),
    Sample("`nn.ModuleDict` with an embedding", "nn.ModuleDict({'a': nn.Embedding(4, 4), 'b': nn.LayerNorm(4)})", _NN),
    Sample(
        "vit-pytorch `ViT`",
        "ViT(image_size=32, patch_size=16, num_classes=4, dim=32, depth=2, heads=2, mlp_dim=64)",
        "from vit_pytorch import ViT",
    ),
    Sample(
        "vit-pytorch `SimpleViT`",
        "SimpleViT(image_size=32, patch_size=16, num_classes=4, dim=32, depth=2, heads=2, mlp_dim=64)",
        "from vit_pytorch import SimpleViT",
    ),
    Sample(
        "vit-pytorch `CCT`",
        "CCT(img_size=32, embedding_dim=32, n_conv_layers=1, num_layers=1, num_heads=2, mlp_ratio=2., num_classes=4)",
        "from vit_pytorch.cct import CCT",
    ),
    Sample("x-transformers `Encoder`", "Encoder(dim=32, depth=1, heads=2)", "from x_transformers import Encoder"),
    Sample(
        "x-transformers `TransformerWrapper`",
        "TransformerWrapper(num_tokens=99, max_seq_len=16, attn_layers=Decoder(dim=32, depth=1, heads=2))",
        "from x_transformers import Decoder, TransformerWrapper",
    ),
    Sample("torchmetrics `MeanMetric`", "MeanMetric()", "from torchmetrics import MeanMetric"),
    Sample("torchmetrics `MeanSquaredError`", "MeanSquaredError()", "from torchmetrics import MeanSquaredError"),
    Sample(
        "torchmetrics `Accuracy` of a task",
        "Accuracy(task='multiclass', num_classes=3)",
        "from torchmetrics import Accuracy",
    ),
    Sample(
        "torchmetrics `MetricCollection`",
        "MetricCollection([MulticlassF1Score(3), MulticlassPrecision(3)])",
        "from torchmetrics import MetricCollection\n"
        "from torchmetrics.classification import MulticlassF1Score, MulticlassPrecision",
    ),
    Sample(
        "gpytorch `ScaleKernel(RBFKernel())`",
        "ScaleKernel(RBFKernel())",
        "from gpytorch.kernels import RBFKernel, ScaleKernel",
    ),
    Sample(
        "gpytorch `GaussianLikelihood`", "GaussianLikelihood()", "from gpytorch.likelihoods import GaussianLikelihood"
    ),
    Sample("gpytorch `ConstantMean`", "ConstantMean()", "from gpytorch.means import ConstantMean"),
    Sample(
        "timm `VisionTransformer`",
        "VisionTransformer(img_size=32, patch_size=16, embed_dim=32, depth=1, num_heads=2, num_classes=4)",
        "from timm.models.vision_transformer import VisionTransformer",
    ),
    Sample(
        "timm `ResNet`",
        "ResNet(BasicBlock, [1, 1, 1, 1], num_classes=4)",
        "from timm.models.resnet import BasicBlock, ResNet",
    ),
    Sample(
        'timm `create_model("resnet18")`',
        "timm.create_model('resnet18', pretrained=False, num_classes=4)",
        "import timm",
    ),
    Sample("transformers `BertConfig`", f"BertConfig({_TINY})", "from transformers import BertConfig"),
    Sample(
        "transformers `BertModel` of a configuration",
        f"BertModel(BertConfig({_TINY}))",
        "from transformers import BertConfig, BertModel",
    ),
    Sample(
        "transformers `GPT2LMHeadModel` of a configuration",
        "GPT2LMHeadModel(GPT2Config(n_embd=32, n_layer=1, n_head=2, vocab_size=99))",
        "from transformers import GPT2Config, GPT2LMHeadModel",
    ),
    Sample(
        "transformers `AutoModel.from_config`",
        f"AutoModel.from_config(BertConfig({_TINY}))",
        "from transformers import AutoModel, BertConfig",
    ),
    Sample("torch_geometric `GCN`", "GCN(8, 16, 2)", "from torch_geometric.nn import GCN"),
    Sample(
        "monai `UNet`",
        "UNet(spatial_dims=2, in_channels=1, out_channels=2, channels=(4, 8), strides=(2,))",
        "from monai.networks.nets import UNet",
    ),
    Sample(
        "kornia `GaussianBlur2d`", "GaussianBlur2d((3, 3), (1.5, 1.5))", "from kornia.filters import GaussianBlur2d"
    ),
]
_SCRIPT = """\
from torch.package import PackageExporter

{imports}

model = {expression}

with PackageExporter("model.pt") as exporter:
    exporter.extern("**")
    exporter.save_pickle("model", "model.pkl", model)
"""


@dataclass(frozen=True)
class Measured:
    """The modules of the real pickle and the predicted ones, and whether the analyzer says that there may be more."""

    real: frozenset[str]
    predicted: frozenset[str]
    unknown: tuple[str, ...]
    seconds: float

    @property
    def is_right(self) -> bool:
        """Whether what is said is true: nothing too much, and all of it where nothing is left open."""
        return self.predicted <= self.real and (bool(self.unknown) or self.predicted == self.real)


def main() -> int:
    """Print the table; 1 where a prediction is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--python", required=True, help="the interpreter with the libraries")
    parser.add_argument("--only", default="", help="a word in the title of the samples")
    parser.add_argument("--show", action="store_true", help="name the modules that differ and what is not known")
    options = parser.parse_args()
    print("| object | real | predicted | missing | too many | |\n|---|---|---|---|---|---|")
    is_right = True
    for sample in SAMPLES:
        if options.only not in sample.title:
            continue
        with tempfile.TemporaryDirectory() as folder:
            measured = measure(sample, Path(folder), options.python)
        is_right = is_right and measured.is_right
        missing, extra = measured.real - measured.predicted, measured.predicted - measured.real
        cells = [sample.title, len(measured.real), len(measured.predicted), len(missing), len(extra)]
        said = "open" if measured.unknown else "" if measured.is_right else "wrong"
        print("| " + " | ".join(map(str, cells)) + f" | {said} |", flush=True)
        if options.show:
            print(f"  {measured.seconds:.1f} s", "missing:", sorted(missing), "too many:", sorted(extra))
            print("  unknown:", *measured.unknown, sep="\n    ")
    return 0 if is_right else 1


def measure(sample: Sample, folder: Path, python: str) -> Measured:
    """Export for real, and predict."""
    script = folder / "export.py"
    script.write_text(_SCRIPT.format(imports=sample.imports, expression=sample.expression), encoding="utf-8")
    done = subprocess.run([python, script.name], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{sample.title}: {done.stderr}")
    with zipfile.ZipFile(folder / "model.pt") as archive:
        record = next(name for name in archive.namelist() if name.endswith("/model/model.pkl"))
        real = {module for module, _ in pickle_globals(archive.read(record))}
    begin = time.perf_counter()
    (package,) = _packages(folder, python)
    seconds = time.perf_counter() - begin
    predicted = {module for root in package.roots if root.kind is RootKind.PICKLE for module, _ in root.globals}
    unknown = tuple(f"{item.path}:{item.span.line}: {item.expression}" for item in package.unknown)
    return Measured(frozenset(real), frozenset(predicted), unknown, seconds)


def _packages(folder: Path, python: str) -> list[Package]:
    return [package for project in find_projects([folder]) for package in open_project(project, python).packages]


if __name__ == "__main__":
    sys.exit(main())
