// One folder, the interpreter from the setting: everything that the extension does for the code in it.

import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";
import type { Api } from "../../src/extension";
import { resolved, serverSettings } from "../../src/settings";
import { activated, codeOf, codes, file, folder, open, PYTHON, set, tabs, until, untilCodes } from "./driving";

export function single(): void {
  let api: Api;
  const demo = file("demo.py");

  before(async () => {
    await open("demo.py");
    api = await activated();
    await untilCodes(demo, ["TPK101", "TPK202"]);
  });

  it("shows findings at the columns that the editor counts", () => {
    const [first, second] = [...vscode.languages.getDiagnostics(demo)].sort((a, b) => a.range.start.line - b.range.start.line);
    assert.equal(first && codeOf(first), "TPK101");
    assert.equal(first?.source, "tpkg-lint");
    assert.equal(first?.range.start.line, 1);
    // The emoji before it is two units of UTF-16: 21 would be a count of characters, 24 one of bytes.
    assert.deepEqual(second && [second.range.start.line, second.range.start.character], [3, 22]);
    assert.match(String((second?.code as { target: vscode.Uri }).target), /rules\//);
  });

  it("says its state beside the language", async () => {
    await until("quiescence", () => api.server.status.server?.quiescent);
    assert.equal(api.server.status.state, "running");
    assert.equal(api.server.status.server?.health, "ok");
    assert.match(api.server.status.server?.message ?? "", /demo: 1 interned/);
    assert.match(api.server.executable?.origin ?? "", /setting/);
  });

  it("hovers, hints and numbers", async () => {
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>("vscode.executeHoverProvider", demo, new vscode.Position(1, 9));
    const text = hovers.flatMap((hover) => hover.contents).map((item) => (item as vscode.MarkdownString).value).join("\n");
    assert.match(text, /`other` in package `demo`/);
    const all = new vscode.Range(0, 0, 9, 0);
    const hints = await until("an inlay hint", async () => {
      const found = await vscode.commands.executeCommand<vscode.InlayHint[]>("vscode.executeInlayHintProvider", demo, all);
      return found.length > 0 && found;
    });
    const labels = hints.map((hint) => (typeof hint.label === "string" ? hint.label : hint.label.map((part) => part.value).join("")));
    assert.match(labels.join(), /extern/);
    await open("pyproject.toml");
    const lenses = await until("the code lenses", async () => {
      const found = await vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", file("pyproject.toml"));
      return found.length === 4 && found;
    });
    assert.deepEqual(lenses.map((lens) => lens.command?.title).filter((title) => title === "confirm").length, 2);
  });

  it("mends a finding in another file, and ignores one in this", async () => {
    const editor = await open("demo.py");
    const actions = (line: number) =>
      vscode.commands.executeCommand<vscode.CodeAction[]>("vscode.executeCodeActionProvider", demo, new vscode.Range(line, 8, line, 23), "quickfix", 20);
    const ignore = (await actions(3)).find((action) => action.title === "Ignore TPK202 on this line");
    assert.ok(ignore?.edit);
    await vscode.workspace.applyEdit(ignore.edit);
    await untilCodes(demo, ["TPK101"]);
    assert.match(editor.document.lineAt(3).text, /😀.*# tpkg: ignore\[TPK202\]/);
    const fix = (await actions(1)).find((action) => /^Add intern "other/.test(action.title));
    assert.ok(fix?.edit);
    await vscode.workspace.applyEdit(fix.edit);
    await untilCodes(demo, []);
    const config = await vscode.workspace.openTextDocument(file("pyproject.toml"));
    assert.match(config.getText(), /\{ intern = "other" \}/);
    for (const name of ["demo.py", "pyproject.toml"]) {
      await open(name);
      await vscode.commands.executeCommand("workbench.action.files.revert");
    }
    await untilCodes(demo, ["TPK101", "TPK202"]);
  });

  it("takes settings while it runs", async () => {
    const { process: before } = await debug();
    await set("lint.ignore", ["TPK2"]);
    await untilCodes(demo, ["TPK101"]);
    await set("lint.ignore", undefined);
    await untilCodes(demo, ["TPK101", "TPK202"]);
    await set("diagnosticMode", "off");
    await untilCodes(demo, []);
    await set("diagnosticMode", "workspace");
    await untilCodes(demo, ["TPK101", "TPK202"]);
    await set("diagnosticMode", undefined);
    await untilCodes(demo, ["TPK101", "TPK202"]);
    assert.equal((await debug()).process, before, "that takes no other process");
  });

  it("understands paths as people write them", () => {
    assert.equal(resolved("~/x/python"), path.join(os.homedir(), "x/python"));
    assert.equal(resolved("${workspaceFolder}/.venv/bin/python"), path.join(folder(), ".venv/bin/python"));
    assert.equal(resolved("${workspaceFolder:single}/a"), path.join(folder(), "a"));
    assert.equal(resolved(".venv/bin/python"), path.join(folder(), ".venv/bin/python"));
    assert.equal(resolved("${env:HOME}/a"), path.join(os.homedir(), "a"));
    const settings = serverSettings({ python: "python3.12", configuration: "~/tpkg-lint.toml" });
    assert.equal(settings["python"], "python3.12");
    assert.equal(settings["configuration"], path.join(os.homedir(), "tpkg-lint.toml"));
    assert.equal(settings["trusted"], true);
  });

  it("restarts", async () => {
    const { process: before } = await debug();
    await vscode.commands.executeCommand("tpkg-lint.restartServer");
    await untilCodes(demo, ["TPK101", "TPK202"]);
    assert.notEqual((await debug()).process, before);
  });

  it("comes back after a crash", async () => {
    const { process: before } = await debug();
    process.kill(before, "SIGKILL");
    const after = await until("another server", async () => {
      const found = await debug().catch(() => undefined);
      return found !== undefined && found.process !== before && found;
    });
    assert.notEqual(after.process, before);
    await untilCodes(demo, ["TPK101", "TPK202"]);
    await until("the state", () => api.server.status.state === "running");
  });

  it("says what is wrong with a path, and recovers", async () => {
    await set("path", ["~/no-such-tpkg-lint"]);
    await until("the failure", () => api.server.status.state === "failed");
    assert.match(api.server.failure ?? "", /tpkg-lint\.path.*no-such-tpkg-lint: there is no such file/);
    assert.deepEqual(codes(demo), []);
    await set("path", [PYTHON]);
    await until("another reason", () => /it is not tpkg-lint|unknown option|Unknown option/i.test(api.server.failure ?? ""));
    await set("path", undefined);
    await untilCodes(demo, ["TPK101", "TPK202"]);
    assert.equal(api.server.failure, undefined);
  });

  it("can be switched off", async () => {
    await set("enable", false);
    await until("the end", () => api.server.status.state === "off");
    await until("no findings", () => codes(demo).length === 0);
    await set("enable", undefined);
    await untilCodes(demo, ["TPK101", "TPK202"]);
  });

  it("shows the closure, and the same panel again", async () => {
    for (const _ of [1, 2]) {
      await vscode.commands.executeCommand("tpkg-lint.showClosure", demo.toString(), "demo");
    }
    await until("the tab", () => tabs().includes("Closure: demo"));
    assert.equal(tabs().filter((label) => label === "Closure: demo").length, 1);
    assert.match(api.closureViews.html("demo") ?? "", /other/);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    assert.equal(await until("the end of the panel", () => api.closureViews.html("demo") === undefined), true);
  });

  it("plans, and writes nothing unasked", async () => {
    await open("demo.py");
    void vscode.commands.executeCommand("tpkg-lint.planPackage");
    const planned = await until("the plan", async () => {
      await vscode.commands.executeCommand("workbench.action.acceptSelectedQuickOpenItem");
      return vscode.window.visibleTextEditors.find((editor) => editor.document.uri.scheme === "tpkg-lint")?.document;
    });
    assert.match(planned.getText(), /\{ intern = "other" \}/);
    const config = await vscode.workspace.openTextDocument(file("pyproject.toml"));
    assert.equal(config.isDirty, false);
    assert.equal(config.getText(), fs.readFileSync(file("pyproject.toml").fsPath, "utf8"));
  });

  it("confirms by a real export", async () => {
    await open("demo.py");
    const done = await vscode.commands.executeCommand<{ cancelled: boolean; findings: Record<string, number> }>("tpkg-lint.confirmFile");
    assert.equal(done?.cancelled, false);
    assert.ok((done.findings["confirmed"] ?? 0) > 0, JSON.stringify(done));
  });

  it("tells what a report of a fault needs", async () => {
    await vscode.commands.executeCommand("tpkg-lint.showDebugInformation");
    const shown = JSON.parse(vscode.window.activeTextEditor?.document.getText() ?? "");
    assert.equal(shown.state, "running");
    assert.equal(shown.executable.environment.interpreter, PYTHON);
    assert.equal(shown.server.encoding, "utf-16");
    assert.equal(shown.server.settings.trusted, true);
  });

  it("explains a rule beside the code", async () => {
    await vscode.commands.executeCommand("tpkg-lint.explain", "TPK101");
    await until("the preview", () => tabs().some((label) => label.includes("TPK101 no-action")));
  });

  it("shows its logs", async () => {
    await vscode.commands.executeCommand("tpkg-lint.showLogs");
    await vscode.commands.executeCommand("tpkg-lint.showClientLogs");
  });
}

async function debug(): Promise<{ process: number }> {
  return vscode.commands.executeCommand("tpkg-lint.debugInformation");
}
