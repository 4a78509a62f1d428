"""The example projects do what their READMEs say, with the real torch.package, in processes of their own."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SENTIMENT = EXAMPLES / "sentiment"
CLEAN = EXAMPLES / "clean"

# The third is answered by the lexicon, which is imported and reads its file on that occasion only.
TEXTS = ("A wonderful film", "What a dull evening", "Simply marvellous", "The acting was superb")

pytestmark = [
    pytest.mark.torch,
    *(
        pytest.mark.skipif(importlib.util.find_spec(name) is None, reason=f"{name} is not installed")
        for name in ("torch", "numpy", "einops")
    ),
]

Answers = list[tuple[str, float, str]]


def run(arguments: Sequence[str | Path], folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run this interpreter in a folder, without a path from outside and without leaving bytecode."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=300, check=False
    )


def answers(output: str) -> Answers:
    """The predictions in what train.py and serve.py print."""
    lines = re.findall(r"^(positive|negative) +([01]\.\d+)  (.*)$", output, re.MULTILINE)
    return [(label, float(score), text) for label, score, text in lines]


def about(expected: Answers) -> list[tuple[str, Any, str]]:
    """The same answers, with room for rounding."""
    return [(label, pytest.approx(score, abs=2e-3), text) for label, score, text in expected]


@pytest.fixture(scope="module")
def unpackaged() -> Answers:
    """What the clean project answers without a package."""
    done = run(["train.py", *TEXTS], CLEAN)
    assert done.returncode == 0, done.stderr
    return answers(done.stdout)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but the clean project's package and its serving script."""
    folder = tmp_path_factory.mktemp("served")
    done = run(["export.py", "--output", folder / "sentiment.pt"], CLEAN)
    assert done.returncode == 0, done.stderr
    shutil.copy(CLEAN / "serve.py", folder)
    return folder


def test_sentiment_works_unpackaged(unpackaged: Answers) -> None:
    """Its answers are those of the clean project: the same behaviour, the same weights."""
    done = run(["train.py", *TEXTS], SENTIMENT)
    assert done.returncode == 0, done.stderr
    found = answers(done.stdout)
    assert [text for _, _, text in found] == list(TEXTS)
    assert [label for label, _, _ in found] == ["positive", "negative", "positive", "positive"]
    assert found == about(unpackaged)


def test_sentiment_cannot_be_exported(tmp_path: Path) -> None:
    """The export stops at the modules that no pattern is for."""
    done = run(["export.py", "--output", tmp_path / "sentiment.pt"], SENTIMENT)
    assert done.returncode == 1
    _, _, message = done.stderr.partition("PackagingError: ")
    header, *lines = message.strip().splitlines()
    assert header == "* Module did not match against any action pattern. Extern, mock, or intern it."
    named = {line.strip() for line in lines if re.fullmatch(r" {4}[\w.]+", line)}
    # pandas joins them where it is installed: a function of explain.py imports it.
    assert named - {"pandas"} == {
        "einops",
        "sentiment.heads.attention",
        "sentiment.heads.registry",
        "sentiment.text.vocabulary",
        "sentiment.text.words",
        "sys",
    }


def test_clean_serves_without_the_project(served: Path, unpackaged: Answers) -> None:
    """A fresh process that cannot import the project answers as the project does."""
    probe = "import importlib.util; print(importlib.util.find_spec('sentiment'))"
    assert run(["-I", "-c", probe], served).stdout == "None\n"
    done = run(["-I", "serve.py", "--package", "sentiment.pt", "--card", *TEXTS, "..."], served)
    assert done.returncode == 0, done.stderr
    found = answers(done.stdout)
    assert len(found) == len(TEXTS)
    assert found == about(unpackaged)
    assert done.stdout.startswith("# Sentiment classifier\n")
    assert "skipped   ------  ...\n" in done.stdout
    assert "3 of 5 positive\n" in done.stdout
    assert done.stdout.endswith("words to add to the vocabulary: simply (1), marvellous (1)\n")


# Uses the whole of what is in the package, also what serve.py does not touch.
BEHAVIOUR = """
import sys
from torch.package import PackageImporter

if sys.argv[1:]:
    model = PackageImporter(sys.argv[1]).load_pickle("classifier", "model.pkl")
    assert "sentiment" not in sys.modules
else:
    from train import build_classifier
    model = build_classifier()
explanation = model.explain("a dull and boring film")
print([word for word, _ in explanation.ranked()], [row["word"] for row in explanation.rows()])
print(model.card())
model.replace_head("mean", 3)
print(type(model.head).__name__, model(model.tokenizer.encode(["a film"])).shape)
print([tuple(prediction) for prediction in model.predict(["simply marvellous"])])
print(model.tokenizer.unknown_words.most_common())
"""


def test_clean_behaves_the_same_in_its_package(served: Path) -> None:
    """Explanations, resources, other heads and counts as well."""
    outside = run(["-c", BEHAVIOUR], CLEAN)
    inside = run(["-I", "-c", BEHAVIOUR, "sentiment.pt"], served)
    assert outside.returncode == 0, outside.stderr
    assert inside.returncode == 0, inside.stderr
    assert inside.stdout == outside.stdout


# Notes what export.py asks of the exporter.
RECORD = """
import json
from pathlib import Path
import export

class Recorder:
    actions, modules = [], []
    def __init__(self, path): pass
    def __enter__(self): return self
    def __exit__(self, *error): pass
    def intern(self, include, **options): self.actions.append({"intern": include, **options})
    def extern(self, include, **options): self.actions.append({"extern": include, **options})
    def save_module(self, name): self.modules.append(name)
    def save_text(self, package, resource, text): pass
    def save_pickle(self, package, resource, obj): pass

export.PackageExporter = Recorder
export.export(None, Path(__import__("os").devnull))
print(json.dumps({"actions": Recorder.actions, "modules": Recorder.modules}))
"""


@pytest.mark.parametrize("project", [SENTIMENT, CLEAN], ids=lambda project: project.name)
def test_configuration_says_what_the_export_does(project: Path) -> None:
    """The table in pyproject.toml and export.py declare the same actions and modules."""
    done = run(["-c", RECORD], project)
    assert done.returncode == 0, done.stderr
    recorded = json.loads(done.stdout)
    configuration = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    (package,) = configuration["tool"]["tpkg-lint"]["package"]
    actions: list[dict[str, Any]] = [
        {key.replace("-", "_"): value for key, value in action.items()} for action in package["actions"]
    ]
    assert recorded == {"actions": actions, "modules": package["modules"]}
