// The tpkg-lint that comes with the extension, set up in an environment of its own.

import * as assert from "node:assert/strict";
import * as path from "node:path";
import { activated, file, open, PYTHON, set, until, untilCodes } from "./driving";

export function bundled(): void {
  it("says that there is no tpkg-lint where there is none", async () => {
    await open("demo.py");
    const api = await activated();
    await until("the failure", () => api.server.status.state === "failed");
    assert.equal(api.server.failure, "tpkg-lint is not installed on PATH.");
  });

  it("sets up its own when asked to", async function () {
    this.timeout(150_000);
    const api = await activated();
    await set("interpreter", [PYTHON]);
    await untilCodes(file("demo.py"), ["TPK101", "TPK202"]);
    await set("importStrategy", "useBundled");
    await until("the setup", () => api.server.executable?.origin === "the extension" && api.server.status.state === "running");
    await untilCodes(file("demo.py"), ["TPK101", "TPK202"]);
    assert.notEqual(path.dirname(api.server.executable?.command ?? ""), path.dirname(PYTHON));
  });

  it("has it at once the next time, also without being asked", async () => {
    const api = await activated();
    await set("interpreter", undefined);
    await set("importStrategy", undefined);
    await until("the fallback", () => api.server.executable?.environment === undefined && api.server.status.state === "running");
    assert.equal(api.server.executable?.origin, "the extension");
    await untilCodes(file("demo.py"), ["TPK101", "TPK202"]);
  });
}
