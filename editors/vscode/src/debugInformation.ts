// What a report of a fault needs, of the editor's side and of the server's.

import * as vscode from "vscode";
import type { Server } from "./server";
import { SECTION } from "./settings";

export async function debugInformation(context: vscode.ExtensionContext, server: Server): Promise<string> {
  const { version } = context.extension.packageJSON as { version: string };
  const { command, args, origin, environment } = server.executable ?? {};
  const found = {
    extension: version,
    editor: `${vscode.env.appName} ${vscode.version}`,
    host: `${process.platform} ${process.arch}, Node ${process.versions.node}`,
    trusted: vscode.workspace.isTrusted,
    state: server.status.state,
    failure: server.failure,
    status: server.status.server,
    executable: { command, args, origin, environment },
    settings: vscode.workspace.getConfiguration(SECTION),
    server: await server.command("tpkg-lint.debugInformation").catch((error: Error) => error.message),
  };
  return `${JSON.stringify(found, undefined, 2)}\n`;
}
