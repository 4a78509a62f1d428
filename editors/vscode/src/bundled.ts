// The tpkg-lint that comes with the extension: its wheel, installed once into an environment of its own.
//
// The wheel is pure Python, but what it needs is not, so it cannot run from the extension's folder as it is: pip takes
// the rest from where it takes everything on this machine.

import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";
import * as vscode from "vscode";
import { BIN, EXE, isFile } from "./environments";
import { which } from "./executable";

const MARKER = "complete";

/** Return the interpreter that has the bundled tpkg-lint; undefined if it was never set up and may not be now. */
export async function bundledInterpreter(
  context: vscode.ExtensionContext,
  python: string | undefined,
  options: { readonly mayInstall: boolean },
): Promise<string | undefined> {
  const wheel = wheelOf(context);
  if (wheel === undefined) {
    return undefined;
  }
  const folder = path.join(context.globalStorageUri.fsPath, path.basename(wheel, ".whl"));
  const interpreter = path.join(folder, BIN, `python${EXE}`);
  if (isFile(path.join(folder, MARKER)) && isFile(interpreter)) {
    return interpreter;
  }
  if (!options.mayInstall) {
    return undefined;
  }
  const base = python ?? which(`python3${EXE}`) ?? which(`python${EXE}`);
  if (base === undefined) {
    throw new Error("there is no Python to set up tpkg-lint with; name one in the setting tpkg-lint.interpreter");
  }
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: "Setting up the tpkg-lint of the extension" },
    async (progress) => {
      await fs.promises.rm(folder, { recursive: true, force: true });
      await fs.promises.mkdir(path.dirname(folder), { recursive: true });
      const run = promisify(execFile);
      progress.report({ message: "making an environment" });
      await run(base, ["-m", "venv", folder]);
      progress.report({ message: "installing" });
      await run(interpreter, ["-m", "pip", "install", "--disable-pip-version-check", "--quiet", wheel]);
      await fs.promises.writeFile(path.join(folder, MARKER), "");
    },
  );
  return interpreter;
}

/** Tell whether the extension was built with a wheel. */
export function hasBundled(context: vscode.ExtensionContext): boolean {
  return wheelOf(context) !== undefined;
}

function wheelOf(context: vscode.ExtensionContext): string | undefined {
  const folder = context.asAbsolutePath("bundled");
  const wheels = fs.existsSync(folder) ? fs.readdirSync(folder).filter((name) => name.endsWith(".whl")) : [];
  return wheels[0] === undefined ? undefined : path.join(folder, wheels[0]);
}
