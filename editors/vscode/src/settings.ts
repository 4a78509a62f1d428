// Settings as a person writes them, and as programs want them: variables, `~` and relative paths made whole.

import * as os from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";

export const SECTION = "tpkg-lint";

/** The settings of the extension itself; those of the server are passed on as they are. */
export interface ExtensionSettings {
  readonly enable: boolean;
  readonly path: readonly string[];
  readonly interpreter: readonly string[];
  readonly importStrategy: "fromEnvironment" | "useBundled";
  readonly logLevel: string;
}

/** A change of one of these needs another process. */
export const STARTING = ["enable", "path", "interpreter", "importStrategy", "logLevel"] as const;

/** Settings of the server that are paths. */
const PATHS = ["python", "configuration"] as const;

export function extensionSettings(): ExtensionSettings {
  const given = vscode.workspace.getConfiguration(SECTION);
  return {
    enable: given.get("enable", true),
    path: listed(given.get("path")).map(resolved),
    interpreter: listed(given.get("interpreter")).map(resolved),
    importStrategy: given.get("importStrategy", "fromEnvironment"),
    logLevel: given.get("logLevel", "warning"),
  };
}

/** Return the settings of the server from the whole section, with paths made whole and trust told. */
export function serverSettings(section: unknown): Record<string, unknown> {
  const settings: Record<string, unknown> = { ...(isRecord(section) ? section : {}), trusted: vscode.workspace.isTrusted };
  for (const name of PATHS) {
    const value = settings[name];
    // A bare name is looked for on PATH.
    settings[name] = typeof value === "string" && value !== "" ? (isName(value) ? value : resolved(value)) : null;
  }
  return settings;
}

/** Return a path with `~`, `${workspaceFolder}`, `${workspaceFolder:NAME}`, `${userHome}` and `${env:NAME}` made whole. */
export function resolved(text: string): string {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const first = folders[0]?.uri.fsPath ?? "";
  const whole = text
    .replace(/^~(?=$|[\\/])/, os.homedir())
    .replace(/\$\{userHome\}/g, os.homedir())
    .replace(/\$\{workspaceFolder\}/g, first)
    .replace(/\$\{workspaceFolder:([^}]+)\}/g, (_, name) => folders.find((folder) => folder.name === name)?.uri.fsPath ?? "")
    .replace(/\$\{env:([^}]+)\}/g, (_, name) => process.env[name] ?? "");
  return path.isAbsolute(whole) || first === "" ? whole : path.join(first, whole);
}

function isName(text: string): boolean {
  return !/[\\/~$]/.test(text);
}

function listed(value: unknown): string[] {
  const values = typeof value === "string" ? [value] : Array.isArray(value) ? value : [];
  return values.filter((item): item is string => typeof item === "string" && item !== "");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
