"""Train the classifier and show what it says; nothing is written."""

import argparse
import csv
from pathlib import Path

from sentiment.heads import available_heads
from sentiment.labels import Label
from sentiment.model import SentimentClassifier
from sentiment.training import TrainingConfig, train

REVIEWS = Path(__file__).with_name("data") / "reviews.tsv"


def load_reviews(path: Path = REVIEWS) -> list[tuple[str, Label]]:
    """Labelled texts from a file of tab-separated lines: label, text."""
    with path.open(encoding="utf-8", newline="") as file:
        return [(text, Label[label.upper()]) for label, text in csv.reader(file, delimiter="\t")]


def build_classifier(head: str = "attention") -> SentimentClassifier:
    """The classifier that is shipped."""
    return train(load_reviews(), TrainingConfig(head=head))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", nargs="*", default=["A wonderful film", "What a dull evening", "Simply marvellous"])
    parser.add_argument("--head", choices=available_heads(), default="attention")
    arguments = parser.parse_args()

    model = build_classifier(arguments.head)
    for prediction in model.predict(arguments.texts):
        print(f"{prediction.label.name.lower():8}  {prediction.score:.4f}  {prediction.text}")
    word, effect = model.explain(arguments.texts[0]).ranked()[0]
    print(f"the first text rests most on {word!r} ({effect:+.4f})")


if __name__ == "__main__":
    main()
