"""The main job on real input: check a project with proof, show its closure, plan its actions, and prove a prediction.

Run by `make demo`. Ends with 0 where everything went as it says, and with 1 where prediction and export differ.
"""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent
TPKG_LINT = Path(sys.executable).with_name("tpkg-lint")
LIBRARY = "einops"
SETS = ("interned", "externed", "mocked", "denied")


def main() -> int:
    """Run the five parts one after the other."""
    say("1. examples/sentiment is a text classifier whose code would pass review. What breaks once it is a package?")
    print("--confirm exports it and loads it in a child process, and marks each finding by what happened there.\n")
    check = command(["check", "--confirm"], EXAMPLES / "sentiment")
    if check.returncode != 1:
        return failed("the check ended with an error instead of findings")

    say("2. What would the export contain, and why? Nothing of the project is imported for this.")
    closure = command(["closure"], EXAMPLES / "sentiment")
    if closure.returncode != 1:
        return failed("the closure was expected to show that the export raises PackagingError")

    say("3. `sys` is among the broken modules, and no code of the model needs it. Which import brings it in?")
    why = command(["why", "sys", "--package", "sentiment"], EXAMPLES / "sentiment")
    if why.returncode:
        return failed("why was expected to show the chain of imports")

    say("4. Under which actions does the export succeed? --confirm exports with them, and loads the package anew.")
    plan = command(["plan", "sentiment", "--confirm"], EXAMPLES / "sentiment")
    if plan.returncode:
        return failed("the plan was expected to be proved by an export and a load")

    say(f"5. Is the prediction right? {LIBRARY}, as it is installed: predicted, then exported by torch.package.")
    options = ["--module", LIBRARY, "--intern", f"{LIBRARY}.**", "--extern", "**", "--output-format", "json"]
    predicted = command(["closure", *options], EXAMPLES, is_shown=False)
    exported = python(["export_for_real.py", LIBRARY])
    if predicted.returncode or exported.returncode:
        return failed("prediction or export did not end well")
    (prediction,) = json.loads(predicted.stdout)["packages"]
    return compare(prediction, json.loads(exported.stdout))


def compare(prediction: dict[str, list[str]], export: dict[str, list[str]]) -> int:
    """Print both sides of each set; 0 where all agree."""
    for name in SETS:
        said, seen = set(prediction[name]), set(export[name])
        verdict = "agree" if said == seen else "DIFFER"
        print(f"{name:<9} predicted {len(said):>3}   exported {len(seen):>3}   {verdict}")
        for module in sorted(said ^ seen):
            print(f"          {'predicted' if module in said else 'exported'} only: {module}")
    if any(set(prediction[name]) != set(export[name]) for name in SETS):
        return failed("prediction and export differ")
    print("\ninterned: " + ", ".join(export["interned"]))
    print("externed: " + ", ".join(export["externed"]))
    print(f"\nThe prediction for {LIBRARY} is what torch.package did.")
    return 0


def command(words: Sequence[str], folder: Path, *, is_shown: bool = True) -> "subprocess.CompletedProcess[str]":
    """Run a tpkg-lint command."""
    return run("tpkg-lint", [str(TPKG_LINT), *words], folder, is_shown=is_shown)


def python(words: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """Run a Python script of this folder."""
    return run("python", [sys.executable, *words], EXAMPLES, is_shown=False)


def run(name: str, words: Sequence[str], folder: Path, *, is_shown: bool) -> "subprocess.CompletedProcess[str]":
    """Show a command as a person would type it, run it in a folder, and show what it prints if that is for reading."""
    print(f"{folder.relative_to(EXAMPLES.parent)}$ {name} {shlex.join(words[1:])}", flush=True)
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)
    print((done.stdout if is_shown else "") + done.stderr, end="")
    print(f"(exit status {done.returncode})\n", flush=True)
    return done


def say(text: str) -> None:
    """Print a headline."""
    print(f"\n== {text}")


def failed(reason: str) -> int:
    """Say why the demo ends here."""
    print(f"\nThe demo failed: {reason}.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUTF8", "1")
    sys.exit(main())
