// The packages of the window, for a person to choose from.

import * as vscode from "vscode";
import type { Server } from "./server";

/** A package as the server knows it. */
export interface PackageInfo {
  readonly name: string;
  readonly numbers: string;
  readonly outcome: string;
  readonly modules: readonly string[];
  readonly uri: string;
  readonly root: string;
}

/** Let a person choose a package; the only one is chosen by itself, undefined is a change of mind. */
export async function choosePackage(server: Server, placeHolder: string): Promise<PackageInfo | undefined> {
  const packages = await server.command<PackageInfo[]>("tpkg-lint.packages");
  if (packages.length === 0) {
    throw new Error("No package is configured or exported here. Add a [[tool.tpkg-lint.package]] table to pyproject.toml.");
  }
  if (packages.length === 1) {
    return packages[0];
  }
  const items = packages.map((item) => ({ label: item.name, description: item.numbers, detail: item.root, item }));
  return (await vscode.window.showQuickPick(items, { placeHolder, matchOnDetail: true }))?.item;
}
