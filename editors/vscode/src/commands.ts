// The commands of the palette. Those of the server have names of their own, which lenses and actions use.

import * as vscode from "vscode";
import type { ClosureViews } from "./closureView";
import { confirm } from "./confirm";
import { debugInformation } from "./debugInformation";
import { choosePackage } from "./packages";
import { plan } from "./plan";
import type { Server } from "./server";
import type { Texts } from "./texts";
import { why } from "./why";

interface Logs {
  readonly clientLog: vscode.LogOutputChannel;
  readonly serverLog: vscode.OutputChannel;
}

export function registerCommands(
  context: vscode.ExtensionContext,
  server: Server,
  closureViews: ClosureViews,
  texts: Texts,
  logs: Logs,
): void {
  const commands: Record<string, () => unknown> = {
    restartServer: () => server.restart(),
    showLogs: () => logs.serverLog.show(),
    showClientLogs: () => logs.clientLog.show(),
    showDebugInformation: async () => texts.show("tpkg-lint debug information.json", await debugInformation(context, server)),
    fixAll: () => vscode.commands.executeCommand("editor.action.codeAction", { kind: "source.fixAll.tpkg", apply: "first" }),
    confirmFile: () => confirm(server, activeFile().toString()),
    async confirmPackage() {
      const chosen = await choosePackage(server, "The package to export for real");
      return chosen && confirm(server, chosen.uri, chosen.name);
    },
    async openClosure() {
      const chosen = await choosePackage(server, "The package whose closure is to be shown");
      return chosen && closureViews.open(server, chosen.uri, chosen.name);
    },
    planPackage: () => plan(server, texts),
    whyModule: () => why(server, texts),
  };
  for (const [name, run] of Object.entries(commands)) {
    context.subscriptions.push(vscode.commands.registerCommand(`tpkg-lint.${name}`, () => told(run)));
  }
}

/** Run a command; what goes wrong is told to the person who asked for it. */
async function told(run: () => unknown): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

function activeFile(): vscode.Uri {
  const document = vscode.window.activeTextEditor?.document;
  if (document === undefined || document.uri.scheme !== "file") {
    throw new Error("Open a file of the project first.");
  }
  return document.uri;
}
