// Why a module is in a package: the chain of imports, each of which can be opened.

import * as vscode from "vscode";
import { openAt } from "./closureView";
import type { PackageInfo } from "./packages";
import type { Server } from "./server";

interface Link {
  readonly importer: string;
  readonly target: string;
  readonly uri: string | null;
  readonly line: number | null;
}

interface Why {
  readonly module: string;
  readonly links: Readonly<Record<string, readonly Link[]>>;
}

/** Ask for a module, by default that of the import under the cursor, and show what brings it in. */
export async function why(server: Server): Promise<void> {
  const packages = await server.command<PackageInfo[]>("tpkg-lint.packages");
  const modules = [...new Set(packages.flatMap((item) => item.modules))].sort();
  if (modules.length === 0) {
    throw new Error("No package is configured or exported here, so no module is in one.");
  }
  const here = moduleAtCursor();
  const sorted = here !== undefined && modules.includes(here) ? [here, ...modules.filter((name) => name !== here)] : modules;
  const module = await vscode.window.showQuickPick(sorted, { placeHolder: "The module whose presence is to be explained" });
  if (module === undefined) {
    return;
  }
  const first = packages.find((item) => item.modules.includes(module));
  const found = await server.command<Why>("tpkg-lint.why", first?.uri, module);
  await showChains(found);
}

async function showChains(found: Why): Promise<void> {
  const items: (vscode.QuickPickItem & { link?: Link })[] = [];
  for (const [name, links] of Object.entries(found.links)) {
    items.push({ label: `package ${name}`, kind: vscode.QuickPickItemKind.Separator });
    if (links.length === 0) {
      items.push({ label: "$(package) the package saves it", description: found.module });
    }
    for (const link of links) {
      const place = link.uri === null ? "" : vscode.workspace.asRelativePath(vscode.Uri.parse(link.uri));
      items.push({
        label: `$(arrow-right) ${link.target}`,
        description: `imported by ${link.importer}`,
        detail: link.line === null ? place : `${place}:${link.line + 1}`,
        link,
      });
    }
  }
  const chosen = await vscode.window.showQuickPick(items, { placeHolder: `How ${found.module} comes in: choose an import to open it` });
  if (chosen?.link?.uri) {
    await openAt(vscode.Uri.parse(chosen.link.uri), chosen.link.line ?? 0);
  }
}

function moduleAtCursor(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  const range = editor?.document.getWordRangeAtPosition(editor.selection.active, /[\w.]+/);
  return range === undefined ? undefined : editor?.document.getText(range);
}
