// The smallest list of actions under which an export succeeds: shown, and written where the package is declared.

import * as vscode from "vscode";
import { choosePackage } from "./packages";
import type { Server } from "./server";
import type { Texts } from "./texts";

interface Plan {
  readonly package: string;
  readonly toml: string;
  readonly python: string;
  readonly left: Readonly<Record<string, string>>;
  readonly unknown: string | null;
  readonly uri: string | null;
  readonly edit: { readonly changes: Readonly<Record<string, readonly TextEdit[]>> } | null;
}

interface TextEdit {
  readonly range: { readonly start: vscode.Position; readonly end: vscode.Position };
  readonly newText: string;
}

const WRITE = "Write It";

export async function plan(server: Server, texts: Texts): Promise<void> {
  const wanted = await choosePackage(server, "The package whose actions are to be planned");
  if (wanted === undefined) {
    return;
  }
  const found = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: `Planning ${wanted.name}` },
    () => server.command<Plan>("tpkg-lint.plan", wanted.uri, wanted.name),
  );
  if (found.unknown !== null) {
    throw new Error(`What package ${found.package} saves is not known: ${found.unknown}. Name it in modules or objects.`);
  }
  const left = Object.entries(found.left).map(([module, reason]) => `# no action helps ${module}: ${reason}\n`);
  const isCode = found.uri?.endsWith(".py") ?? false;
  await texts.show(`Plan of ${found.package}.${isCode ? "py" : "toml"}`, [...left, isCode ? found.python : found.toml].join(""));
  if (found.edit === null) {
    void vscode.window.showInformationMessage(`The actions of package ${found.package} are as planned already, or stand in no place of their own.`);
    return;
  }
  const where = vscode.workspace.asRelativePath(vscode.Uri.parse(found.uri ?? ""));
  if ((await vscode.window.showInformationMessage(`Put the planned actions of package ${found.package} into ${where}?`, WRITE)) === WRITE) {
    await write(found);
  }
}

async function write(found: Plan): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  for (const [uri, changes] of Object.entries(found.edit?.changes ?? {})) {
    for (const { range, newText } of changes) {
      const { start, end } = range;
      edit.replace(vscode.Uri.parse(uri), new vscode.Range(start.line, start.character, end.line, end.character), newText);
    }
  }
  await vscode.workspace.applyEdit(edit);
  await vscode.window.showTextDocument(vscode.Uri.parse(found.uri ?? ""), { viewColumn: vscode.ViewColumn.One });
}
