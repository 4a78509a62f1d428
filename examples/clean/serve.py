"""Load the exported classifier and classify texts, one per line of the answer."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from torch.package import PackageImporter

ARCHIVE = Path(__file__).with_name("dist") / "sentiment.pt"
TEXTS = ["A wonderful film", "What a dull evening", "Simply marvellous", "...", "The acting was superb"]


@runtime_checkable
class Classifier(Protocol):
    """What this script needs of the packaged model; its classes exist in the package only."""

    tokenizer: Any

    def predict(self, texts: Sequence[str]) -> list[Any]:
        """Texts with their labels and scores."""

    def card(self) -> str:
        """The model card."""


def load_classifier(path: Path) -> Classifier:
    """The classifier of a package, which was put into evaluation mode before its export."""
    importer = PackageImporter(path)
    model = importer.load_pickle("classifier", "model.pkl")
    if not isinstance(model, Classifier):
        raise TypeError(f"{path} holds a {type(model).__name__}, which cannot classify texts")
    return model


def classify(model: Classifier, texts: Sequence[str]) -> int:
    """Print what the model says of each text; returns how many are positive."""
    positives = 0
    for text in texts:
        try:
            (prediction,) = model.predict([text])
        except ValueError:
            print(f"skipped   ------  {text}")
            continue
        if prediction.positive:
            positives += 1
        print(f"{prediction.label.name.lower():8}  {prediction.score:.4f}  {text}")
    return positives


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", nargs="*", default=TEXTS)
    parser.add_argument("--package", type=Path, default=ARCHIVE, help="the exported file (default: %(default)s)")
    parser.add_argument("--card", action="store_true", help="print the model card first")
    arguments = parser.parse_args()

    model = load_classifier(arguments.package)
    if arguments.card:
        print(model.card())
    positives = classify(model, arguments.texts)
    print(f"{positives} of {len(arguments.texts)} positive")
    unknown = ", ".join(f"{word} ({count})" for word, count in model.tokenizer.unknown_words.most_common())
    print(f"words to add to the vocabulary: {unknown or 'none'}")


if __name__ == "__main__":
    main()
