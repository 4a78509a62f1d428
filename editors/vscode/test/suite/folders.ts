// Two folders in one window: one server that knows both.

import * as assert from "node:assert/strict";
import * as vscode from "vscode";
import { activated, file, open, untilCodes } from "./driving";

export function folders(): void {
  it("finds in both folders, with one server", async () => {
    await open("first_one.py", 0);
    await activated();
    await untilCodes(file("first_one.py", 0), ["TPK101"]);
    await open("first_two.py", 1);
    await untilCodes(file("first_two.py", 1), ["TPK101"]);
    const packages = await vscode.commands.executeCommand<{ name: string }[]>("tpkg-lint.packages");
    assert.deepEqual(packages.map((item) => item.name).sort(), ["one", "two"]);
  });

  it("keeps to the folders that are there", async () => {
    const removed = vscode.workspace.updateWorkspaceFolders(1, 1);
    assert.equal(removed, true);
    // The second file took the place of the first one in the editor, and only open files are looked at.
    await open("first_one.py", 0);
    await untilCodes(file("first_one.py", 0), ["TPK101"]);
  });
}
