// Restricted Mode: findings, but no program of the folder is started and nothing is exported.

import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as vscode from "vscode";
import { activated, file, open, PYTHON, until, untilCodes } from "./driving";

export function untrusted(): void {
  it("finds without starting what the folder brings or names", async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    await open("demo.py");
    const api = await activated();
    await untilCodes(file("demo.py"), ["TPK101", "TPK202"]);
    assert.equal(api.server.executable?.origin, "the setting tpkg-lint.path");
    assert.equal(api.server.executable?.command.startsWith(PYTHON.replace(/python$/, "")), true);
    assert.equal(fs.existsSync(file("started").fsPath), false);
  });

  it("does not confirm", async () => {
    const done = await vscode.commands.executeCommand("tpkg-lint.confirm", file("demo.py").toString(), "demo");
    assert.equal(done, undefined);
    await open("pyproject.toml");
    const lenses = await until("the code lenses", async () => {
      const found = await vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", file("pyproject.toml"));
      return found.length > 0 && found;
    });
    assert.equal(lenses.length, 2);
    assert.equal(lenses.some((lens) => lens.command?.title === "confirm"), false);
  });
}
