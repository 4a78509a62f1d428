// A real export, asked for by a person, and what it has shown.

import * as vscode from "vscode";
import type { Server } from "./server";

interface Confirmed {
  readonly cancelled: boolean;
  readonly findings?: Readonly<Record<string, number>>;
}

/** Export and load a package of the project that a file belongs to, by default all of them. */
export async function confirm(server: Server, uri: string, packageName?: string): Promise<Confirmed> {
  if (!vscode.workspace.isTrusted) {
    throw new Error("An export runs the code of the project; this folder is not trusted.");
  }
  await vscode.workspace.saveAll(false);
  const done = await server.command<Confirmed>("tpkg-lint.confirm", uri, packageName ?? null);
  if (!done.cancelled) {
    const counts = Object.entries(done.findings ?? {}).map(([verdict, count]) => `${count} ${verdict}`);
    const what = packageName === undefined ? "Exported for real" : `Package ${packageName} exported for real`;
    void vscode.window.showInformationMessage(`${what}: ${counts.length > 0 ? counts.join(", ") : "nothing to confirm"}.`);
  }
  return done;
}
