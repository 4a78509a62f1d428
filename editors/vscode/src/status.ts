// The state of the server beside the language of the file: whether it runs, works, and what it knows.

import * as vscode from "vscode";
import { DOCUMENTS } from "./documents";

/** What the server says of itself (experimental/serverStatus, as rust-analyzer defines it). */
export interface ServerStatus {
  readonly health: "ok" | "warning" | "error";
  readonly quiescent: boolean;
  readonly message?: string;
}

export type State = "off" | "starting" | "running" | "failed";

const SEVERITY = {
  ok: vscode.LanguageStatusSeverity.Information,
  warning: vscode.LanguageStatusSeverity.Warning,
  error: vscode.LanguageStatusSeverity.Error,
};

/** The status item. */
export class Status implements vscode.Disposable {
  private readonly item = vscode.languages.createLanguageStatusItem("tpkg-lint.status", DOCUMENTS);
  private title = "tpkg-lint";
  state: State = "off";
  server: ServerStatus | undefined;

  constructor() {
    this.item.name = "tpkg-lint";
    this.show("off", "tpkg-lint: off", vscode.LanguageStatusSeverity.Information);
  }

  off(): void {
    this.show("off", "tpkg-lint: off", vscode.LanguageStatusSeverity.Information, "switched off by the setting tpkg-lint.enable");
    this.item.command = { title: "Settings", command: "workbench.action.openSettings", arguments: ["tpkg-lint.enable"] };
  }

  starting(): void {
    this.show("starting", "tpkg-lint: starting", vscode.LanguageStatusSeverity.Information);
    this.item.busy = true;
  }

  /** The server runs. */
  running(version: string, origin: string): void {
    this.title = `tpkg-lint ${version}`;
    this.show("running", this.title, vscode.LanguageStatusSeverity.Information, `from ${origin}`);
  }

  failed(reason: string): void {
    this.show("failed", "tpkg-lint: not running", vscode.LanguageStatusSeverity.Error, reason);
    this.item.command = { title: "Restart", command: "tpkg-lint.restartServer" };
  }

  /** Take what the running server says. */
  update(server: ServerStatus): void {
    this.server = server;
    this.item.busy = !server.quiescent;
    this.item.severity = SEVERITY[server.health];
    this.item.text = this.title;
    // There is room for one line.
    const lines = (server.message ?? "").split("\n").filter(Boolean);
    this.item.detail = server.health === "ok" && lines.length > 1 ? `${lines.length} packages` : lines.join("; ");
  }

  dispose(): void {
    this.item.dispose();
  }

  private show(state: State, text: string, severity: vscode.LanguageStatusSeverity, detail = ""): void {
    this.state = state;
    this.server = undefined;
    this.item.busy = false;
    this.item.text = text;
    this.item.severity = severity;
    this.item.detail = detail;
    this.item.command = { title: "Logs", command: "tpkg-lint.showLogs" };
  }
}
