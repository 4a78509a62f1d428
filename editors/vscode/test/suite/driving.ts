// How a test drives the editor: open, wait until something is so, look.

import * as assert from "node:assert/strict";
import * as path from "node:path";
import * as vscode from "vscode";
import type { Api } from "../../src/extension";

export const PYTHON = process.env["TPKG_PYTHON"] ?? "";
const EXTENSION = "tpkg-lint.tpkg-lint";

export async function activated(): Promise<Api> {
  const extension = vscode.extensions.getExtension<Api>(EXTENSION);
  assert.ok(extension, "the packed extension is not installed");
  return extension.activate();
}

/** Return what `look` returns as soon as it is neither undefined nor false. */
export async function until<T>(what: string, look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (let tries = 0; tries < 1200; tries++) {
    const found = await look();
    if (found !== undefined && found !== false) {
      return found;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`it never came to be so: ${what}`);
}

export function folder(index = 0): string {
  return vscode.workspace.workspaceFolders?.[index]?.uri.fsPath ?? "";
}

export function file(name: string, index = 0): vscode.Uri {
  return vscode.Uri.file(path.join(folder(index), name));
}

export async function open(name: string, index = 0): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(file(name, index)));
}

export function codes(uri: vscode.Uri): string[] {
  return vscode.languages.getDiagnostics(uri).map(codeOf).sort();
}

export function codeOf(diagnostic: vscode.Diagnostic): string {
  return String(typeof diagnostic.code === "object" ? diagnostic.code.value : diagnostic.code);
}

/** Wait until these are the findings in a file, and no others. */
export async function untilCodes(uri: vscode.Uri, wanted: string[]): Promise<void> {
  await until(`${wanted} in ${uri.path}`, () => codes(uri).join() === [...wanted].sort().join()).catch((error) => {
    throw new Error(`${error.message}; there are: ${codes(uri).join()}`);
  });
}

export async function set(name: string, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration("tpkg-lint").update(name, value, vscode.ConfigurationTarget.Global);
}

/** Return the labels of the tabs that are open. */
export function tabs(): string[] {
  return vscode.window.tabGroups.all.flatMap((group) => group.tabs).map((tab) => tab.label);
}
