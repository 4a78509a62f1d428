// The interpreter that is selected in the Python extension, and another one while the window is open.

import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as vscode from "vscode";
import { activated, file, open, PYTHON, until, untilCodes } from "./driving";

export function python(): void {
  it("uses the selected interpreter", async () => {
    await open("demo.py");
    const api = await activated();
    await untilCodes(file("demo.py"), ["TPK101", "TPK202"]);
    assert.deepEqual(api.server.executable?.environment, { interpreter: PYTHON, source: "Python extension" });
  });

  it("follows when another one is selected, and says when that has no tpkg-lint", async () => {
    const api = await activated();
    const bare = file("bare-python").fsPath;
    fs.writeFileSync(bare, "#!/bin/sh\necho 'No module named tpkg_analyzer' >&2\nexit 1\n", { mode: 0o755 });
    const stub = vscode.extensions.getExtension<{ select(path: string): void }>("ms-python.python");
    stub?.exports.select(bare);
    await until("the failure", () => api.server.status.state === "failed");
    assert.match(api.server.failure ?? "", /not installed in the environment of .*bare-python or on PATH/);
    stub?.exports.select(PYTHON);
    await untilCodes(file("demo.py"), ["TPK101", "TPK202"]);
  });
}
