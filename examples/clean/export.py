"""Train the classifier and export it as a torch package."""

import argparse
from importlib import resources
from pathlib import Path

from torch.package import PackageExporter

from sentiment import data
from sentiment.model import SentimentClassifier
from train import build_classifier

ARCHIVE = Path(__file__).with_name("dist") / "sentiment.pt"
RESOURCES = ("MODEL_CARD.md", "lexicon.tsv")


def export(model: SentimentClassifier, path: Path) -> None:
    """Write the model and the code that it needs to one file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with PackageExporter(path) as exporter:
        exporter.intern("sentiment.**", allow_empty=False)
        exporter.extern(["einops.**", "numpy.**"], allow_empty=False)
        # The exporter records the modules that are imported, not the packages around them.
        exporter.save_module("sentiment")
        for name in RESOURCES:
            exporter.save_text("sentiment.data", name, resources.files(data).joinpath(name).read_text(encoding="utf-8"))
        exporter.save_pickle("classifier", "model.pkl", model)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=ARCHIVE, help="where the package goes (default: %(default)s)")
    arguments = parser.parse_args()
    export(build_classifier(), arguments.output)
    print(f"wrote {arguments.output}")


if __name__ == "__main__":
    main()
