// The closure of a package as a picture: the page that the server makes, in a panel beside the code.

import * as vscode from "vscode";
import type { Server } from "./server";

interface Shown {
  readonly title: string;
  readonly package: string;
  readonly html: string;
}

/** What the page says: a file is to be opened, or a module was chosen. */
type Said =
  | { readonly type: "open"; readonly path: string; readonly line: number }
  | { readonly type: "selected"; readonly module: string | null };

interface View {
  readonly panel: vscode.WebviewPanel;
  /** A file of the project. */
  uri: string;
  html: string;
}

/** The panels of the window, one for each package. */
export class ClosureViews implements vscode.Disposable {
  private readonly views = new Map<string, View>();
  /** The module that was chosen last in some panel. */
  selected: string | null = null;

  /** Show the closure of a package of the project that a file belongs to, by default the first. */
  async open(server: Server, uri: string, packageName?: string): Promise<{ title: string }> {
    const shown = await server.command<Shown>("tpkg-lint.showClosure", uri, packageName ?? null);
    const known = this.views.get(shown.package);
    known?.panel.reveal();
    const view = known ?? this.newView(shown.package);
    view.uri = uri;
    this.fill(view, shown);
    return { title: shown.title };
  }

  /** Bring the pictures in line with the packages as they are now; one that is as it was keeps zoom and search. */
  async refresh(server: Server): Promise<void> {
    for (const [name, view] of this.views) {
      const shown = await server.command<Shown>("tpkg-lint.showClosure", view.uri, name).catch(() => undefined);
      if (shown !== undefined && this.views.get(name) === view) {
        this.fill(view, shown);
      }
    }
  }

  /** Return the page of a package that is shown. */
  html(packageName: string): string | undefined {
    return this.views.get(packageName)?.html;
  }

  dispose(): void {
    for (const { panel } of this.views.values()) {
      panel.dispose();
    }
  }

  private newView(name: string): View {
    const panel = vscode.window.createWebviewPanel("tpkg-lint.closure", `Closure: ${name}`, vscode.ViewColumn.Beside, {
      enableScripts: true,
      retainContextWhenHidden: true,
      localResourceRoots: [],
    });
    const view = { panel, uri: "", html: "" };
    this.views.set(name, view);
    panel.onDidDispose(() => this.views.delete(name));
    panel.webview.onDidReceiveMessage((said: Said) => this.hear(said));
    return view;
  }

  private fill(view: View, shown: Shown): void {
    if (view.html !== shown.html) {
      view.html = shown.html;
      view.panel.webview.html = shown.html;
    }
  }

  private async hear(said: Said): Promise<void> {
    if (said.type === "selected") {
      this.selected = said.module;
    } else if (said.type === "open") {
      await openAt(vscode.Uri.file(said.path), said.line - 1);
    }
  }
}

/** Open a file at a line, counted from 0, in the column of the code. */
export async function openAt(uri: vscode.Uri, line: number): Promise<void> {
  const at = new vscode.Position(Math.max(line, 0), 0);
  await vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.One, selection: new vscode.Range(at, at) });
}
