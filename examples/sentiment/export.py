"""Train the classifier and export it as a torch package."""

import argparse
from pathlib import Path

from torch.package import PackageExporter

from sentiment.model import SentimentClassifier
from train import build_classifier

ARCHIVE = Path(__file__).with_name("dist") / "sentiment.pt"


def export(model: SentimentClassifier, path: Path) -> None:
    """Write the model and the code that it needs to one file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with PackageExporter(path) as exporter:
        exporter.intern("sentiment.*")
        exporter.extern(["torch.**", "numpy.**"])
        # The model imports it by name, which the exporter cannot see.
        exporter.save_module("sentiment.lexicon")
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
