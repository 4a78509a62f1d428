// Why a module is in a package, or is not: the chain of imports, each of which can be opened.

import * as vscode from "vscode";
import { openAt } from "./closureView";
import type { PackageInfo } from "./packages";
import type { Server } from "./server";
import type { Texts } from "./texts";

interface Link {
  readonly importer: string;
  readonly target: string;
  readonly uri: string | null;
  readonly line: number | null;
}

interface Why {
  readonly module: string;
  readonly isIn: boolean;
  readonly packages: Readonly<Record<string, string>>;
  readonly links: Readonly<Record<string, readonly Link[]>>;
}

/** Ask for a module, by default the one under the cursor, and show what brings it in or keeps it out. */
export async function why(server: Server, texts: Texts): Promise<void> {
  const here = moduleAtCursor();
  const packages = await server.command<PackageInfo[]>("tpkg-lint.packages");
  const modules = [...new Set(packages.flatMap((item) => item.modules))].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  if (modules.length === 0) {
    throw new Error("No package is configured or exported here, so no module is in one.");
  }
  const sorted = here !== undefined && modules.includes(here) ? [here, ...modules.filter((name) => name !== here)] : modules;
  const module = await chooseModule(sorted);
  if (module === undefined) {
    return;
  }
  const home = packages.find((item) => item.modules.includes(module)) ?? packages[0];
  const found = await server.command<Why>("tpkg-lint.why", home?.uri, module);
  const answers = Object.values(found.packages);
  if (found.isIn) {
    await showChains(found);
  } else if (answers.length > 0) {
    await texts.show(`Why ${module} is not in.txt`, `${answers.join("\n\n")}\n`);
  } else {
    throw new Error(`${module} is in no package here.`);
  }
}

/** Let a person choose from the modules or type another one. */
function chooseModule(modules: readonly string[]): Promise<string | undefined> {
  const pick = vscode.window.createQuickPick();
  const items = modules.map((label) => ({ label }));
  pick.items = items;
  pick.placeholder = "A module that is in a package, or one that is not";
  pick.onDidChangeValue((value) => {
    const isKnown = value === "" || modules.some((name) => name.includes(value));
    pick.items = isKnown ? items : [...items, { label: value, description: "why is it not in?", alwaysShow: true }];
  });
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      resolve(pick.activeItems[0]?.label);
      pick.dispose();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
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
        description: link.line === null ? `in ${link.importer}` : `imported by ${link.importer}`,
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

/** Pickles and what every Python has come after the modules that one asks for. */
function rank(module: string): number {
  return module.startsWith("<") ? 2 : module.startsWith("_") ? 1 : 0;
}

function moduleAtCursor(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  const range = editor?.document.getWordRangeAtPosition(editor.selection.active, /[\w.]+/);
  return range === undefined ? undefined : editor?.document.getText(range);
}
