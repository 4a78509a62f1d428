"""Load the exported classifier and classify texts, one per line of the answer."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from torch.package import PackageImporter

from sentiment.errors import EmptyTextError
from sentiment.labels import Label
from sentiment.model import SentimentClassifier
from sentiment.stats import most_common_unknown

ARCHIVE = Path(__file__).with_name("dist") / "sentiment.pt"
TEXTS = ["A wonderful film", "What a dull evening", "Simply marvellous", "...", "The acting was superb"]


def load_classifier(path: Path) -> SentimentClassifier:
    """The classifier of a package."""
    importer = PackageImporter(path)
    model = importer.load_pickle("classifier", "model.pkl")
    if not isinstance(model, SentimentClassifier):
        raise TypeError(f"{path} holds a {type(model).__name__}, not a {SentimentClassifier.__name__}")
    return model.eval()


def classify(model: SentimentClassifier, texts: Sequence[str]) -> int:
    """Print what the model says of each text; returns how many are positive."""
    positives = 0
    for text in texts:
        try:
            (prediction,) = model.predict([text])
        except EmptyTextError:
            print(f"skipped   ------  {text}")
            continue
        if prediction.label is Label.POSITIVE:
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
    unknown = ", ".join(f"{word} ({count})" for word, count in most_common_unknown())
    print(f"words to add to the vocabulary: {unknown or 'none'}")


if __name__ == "__main__":
    main()
