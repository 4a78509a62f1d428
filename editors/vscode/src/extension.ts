// The entry of the extension: what exists once per window, and when it begins and ends.

import * as vscode from "vscode";
import { registerCommands } from "./commands";
import { ClosureViews } from "./closureView";
import { onEnvironmentChanged } from "./environments";
import { registerTexts } from "./texts";
import { Server } from "./server";
import { Status } from "./status";

/** What tests and other extensions see of this one. */
export interface Api {
  readonly server: Server;
  readonly closureViews: ClosureViews;
}

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<Api> {
  const clientLog = vscode.window.createOutputChannel("tpkg-lint Client", { log: true });
  const serverLog = vscode.window.createOutputChannel("tpkg-lint", { log: true });
  const traceLog = vscode.window.createOutputChannel("tpkg-lint Trace", { log: true });
  const status = new Status();
  const closureViews = new ClosureViews();
  const started = new Server(context, { clientLog, serverLog, traceLog }, status, closureViews);
  server = started;
  context.subscriptions.push(clientLog, serverLog, traceLog, status, closureViews);
  const texts = registerTexts(context);
  registerCommands(context, started, closureViews, texts, { clientLog, serverLog });
  context.subscriptions.push(
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (started.dependsOn(event)) {
        clientLog.info("the settings ask for another server");
        await started.restart();
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => started.restart()),
    await onEnvironmentChanged(() => started.restart(), clientLog),
  );
  await started.start();
  return { server: started, closureViews };
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
