// The Python environment of the window: from the setting, the Python extension, or a folder of the usual name.

import * as fs from "node:fs";
import * as path from "node:path";
import { PythonExtension } from "@vscode/python-extension";
import * as vscode from "vscode";
import { extensionSettings } from "./settings";

const PYTHON_EXTENSION = "ms-python.python";
const FOLDERS = [".venv", "venv"];
export const BIN = process.platform === "win32" ? "Scripts" : "bin";
export const EXE = process.platform === "win32" ? ".exe" : "";

/** An interpreter, and who named it. */
export interface Environment {
  readonly interpreter: string;
  readonly source: "setting" | "Python extension" | "folder";
}

/** Return the environment of the window; undefined where nothing names one. Nothing is started to find it. */
export async function findEnvironment(log: vscode.LogOutputChannel): Promise<Environment | undefined> {
  const wanted = extensionSettings().interpreter;
  const there = wanted.find((name) => isFile(name));
  if (there !== undefined) {
    return { interpreter: there, source: "setting" };
  }
  for (const name of wanted) {
    log.warn(`there is no interpreter ${name} (setting tpkg-lint.interpreter)`);
  }
  if (!vscode.workspace.isTrusted) {
    return undefined;
  }
  const folders = vscode.workspace.workspaceFolders ?? [];
  const selected = await selectedInterpreter(folders[0]?.uri, log);
  if (selected !== undefined) {
    return { interpreter: selected, source: "Python extension" };
  }
  for (const folder of folders) {
    for (const name of FOLDERS) {
      const interpreter = path.join(folder.uri.fsPath, name, BIN, `python${EXE}`);
      if (isFile(interpreter)) {
        return { interpreter, source: "folder" };
      }
    }
  }
  return undefined;
}

/** Call back when another interpreter is selected in the Python extension. */
export async function onEnvironmentChanged(changed: () => unknown, log: vscode.LogOutputChannel): Promise<vscode.Disposable> {
  const api = await pythonExtension(log);
  return api?.environments.onDidChangeActiveEnvironmentPath(() => changed()) ?? new vscode.Disposable(() => undefined);
}

export function isFile(name: string): boolean {
  try {
    return fs.statSync(name).isFile();
  } catch {
    return false;
  }
}

async function selectedInterpreter(folder: vscode.Uri | undefined, log: vscode.LogOutputChannel): Promise<string | undefined> {
  const environments = (await pythonExtension(log))?.environments;
  if (environments === undefined) {
    return undefined;
  }
  const environment = await environments.resolveEnvironment(environments.getActiveEnvironmentPath(folder));
  return environment?.executable.uri?.fsPath;
}

async function pythonExtension(log: vscode.LogOutputChannel): Promise<PythonExtension | undefined> {
  if (vscode.extensions.getExtension(PYTHON_EXTENSION) === undefined) {
    return undefined;
  }
  try {
    return await PythonExtension.api();
  } catch (error) {
    log.warn(`the Python extension does not answer: ${error}`);
    return undefined;
  }
}
