// Texts that are shown and belong to no file: documents of rules, plans, debug information.

import * as vscode from "vscode";

const SCHEME = "tpkg-lint";

/** Shows texts as documents that cannot be edited. */
export class Texts implements vscode.TextDocumentContentProvider {
  private readonly shown = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.shown.get(uri.path) ?? "";
  }

  /** Show a text under a name, whose suffix says what it is; an older one of that name is replaced. */
  async show(name: string, text: string): Promise<vscode.TextEditor> {
    const uri = this.put(name, text);
    return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
  }

  /** Show Markdown as it is meant to look. */
  async showMarkdown(name: string, text: string): Promise<void> {
    await vscode.commands.executeCommand("markdown.showPreview", this.put(name, text));
  }

  private put(name: string, text: string): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}` });
    this.shown.set(uri.path, text);
    this.changed.fire(uri);
    return uri;
  }
}

let texts: Texts | undefined;

export function registerTexts(context: vscode.ExtensionContext): Texts {
  const made = new Texts();
  texts = made;
  context.subscriptions.push(vscode.workspace.registerTextDocumentContentProvider(SCHEME, made));
  return made;
}

/** Return the texts of the window. */
export function theTexts(): Texts {
  if (texts === undefined) {
    throw new Error("the extension is not active");
  }
  return texts;
}
