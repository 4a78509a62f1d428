// Between editor and server: settings are made whole, and what commands of lenses and actions answer is shown.

import * as vscode from "vscode";
import type { Middleware } from "vscode-languageclient/node";
import type { ClosureViews } from "./closureView";
import { confirm } from "./confirm";
import { explain } from "./explain";
import type { Server } from "./server";
import { SECTION, serverSettings } from "./settings";

/** The commands of the server whose answers are for a person. */
export function middleware(closureViews: ClosureViews, server: Server): Middleware {
  const shown = new Map<string, (...args: string[]) => Promise<unknown>>([
    ["tpkg-lint.showClosure", (uri = "", packageName) => closureViews.open(server, uri, packageName)],
    ["tpkg-lint.confirm", (uri = "", packageName) => confirm(server, uri, packageName)],
    ["tpkg-lint.explain", (code = "") => explain(server, code)],
  ]);
  return {
    workspace: {
      async configuration(params, token, next) {
        const answers = await next(params, token);
        return Array.isArray(answers)
          ? answers.map((answer, index) => (params.items[index]?.section === SECTION ? serverSettings(answer) : answer))
          : answers;
      },
    },
    async executeCommand(command, args, next) {
      const show = shown.get(command);
      if (show === undefined) {
        return next(command, args);
      }
      try {
        return await show(...args);
      } catch (error) {
        void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
        return undefined;
      }
    },
  };
}
