// Where tpkg-lint is: the setting, the environment, PATH, or the one that comes with the extension.

import { execFile } from "node:child_process";
import * as path from "node:path";
import { promisify } from "node:util";
import * as vscode from "vscode";
import { bundledInterpreter } from "./bundled";
import { BIN, EXE, findEnvironment, isFile, type Environment } from "./environments";
import { extensionSettings } from "./settings";

const PATIENCE = 30_000;
/** Runs tpkg-lint without its script; the folder of the user is kept from shadowing modules. */
const AS_MODULE = "import sys; sys.path[:1] = []; from tpkg_analyzer.cli.main import main; sys.exit(main())";

/** A way to start tpkg-lint that has been tried. */
export interface Executable {
  readonly command: string;
  readonly args: readonly string[];
  readonly version: string;
  readonly origin: string;
  readonly environment: Environment | undefined;
}

/** Why tpkg-lint cannot be started, for a person to read. */
export class NotFound extends Error {
  constructor(
    message: string,
    /** The interpreter into which it could be installed. */
    readonly interpreter: string | undefined,
    /** Whether another one might be found elsewhere; not where just this one was asked for. */
    readonly isMissing: boolean,
  ) {
    super(message);
  }
}

interface Candidate {
  readonly command: string;
  readonly args: readonly string[];
  readonly origin: string;
  /** Whether that it cannot be started ends the search: somebody has asked for just this one. */
  readonly isWanted: boolean;
}

/** Find and try tpkg-lint. Throws NotFound. */
export async function findExecutable(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Promise<Executable> {
  const environment = await findEnvironment(log);
  if (environment !== undefined) {
    log.info(`environment: ${environment.interpreter} (${environment.source})`);
  }
  const failures: string[] = [];
  for await (const candidate of candidates(context, environment)) {
    const tried = await versionOf(candidate);
    if ("version" in tried) {
      log.info(`tpkg-lint ${tried.version}: ${[candidate.command, ...candidate.args].join(" ")} (${candidate.origin})`);
      return { ...candidate, version: tried.version, environment };
    }
    log.warn(`${candidate.command} (${candidate.origin}): ${tried.failure}`);
    failures.push(`${candidate.command}: ${tried.failure}`);
    if (candidate.isWanted) {
      throw new NotFound(`tpkg-lint cannot be started from ${candidate.origin}. ${failures.join("; ")}`, environment?.interpreter, false);
    }
  }
  const where = environment === undefined ? "on PATH" : `in the environment of ${environment.interpreter} or on PATH`;
  throw new NotFound(`tpkg-lint is not installed ${where}.`, environment?.interpreter, true);
}

async function* candidates(context: vscode.ExtensionContext, environment: Environment | undefined): AsyncGenerator<Candidate> {
  const settings = extensionSettings();
  if (settings.path.length > 0) {
    const command = settings.path.find(isFile) ?? settings.path[0] ?? "";
    yield { command, args: [], origin: "the setting tpkg-lint.path", isWanted: true };
    return;
  }
  if (settings.importStrategy === "useBundled") {
    const interpreter = await bundledInterpreter(context, environment?.interpreter, { mayInstall: true });
    if (interpreter !== undefined) {
      yield { command: interpreter, args: ["-c", AS_MODULE], origin: "the extension", isWanted: true };
    }
    return;
  }
  if (environment !== undefined) {
    const script = path.join(path.dirname(environment.interpreter), `tpkg-lint${EXE}`);
    const isScript = isFile(script);
    yield {
      command: isScript ? script : environment.interpreter,
      args: isScript ? [] : ["-c", AS_MODULE],
      origin: `environment, ${environment.source}`,
      isWanted: false,
    };
  }
  const onPath = which(`tpkg-lint${EXE}`);
  if (onPath !== undefined) {
    yield { command: onPath, args: [], origin: "PATH", isWanted: false };
  }
  const interpreter = await bundledInterpreter(context, undefined, { mayInstall: false });
  if (interpreter !== undefined) {
    yield { command: interpreter, args: ["-c", AS_MODULE], origin: "the extension", isWanted: false };
  }
}

/** Return the first file of that name on PATH, without folders that lie in the workspace or depend on where one is. */
export function which(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const roots = (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath + path.sep);
  return folders
    .map((folder) => path.join(folder, name))
    .find((file) => isFile(file) && (vscode.workspace.isTrusted || !roots.some((root) => file.startsWith(root))));
}

/** Return the environment variables of the server: the environment that it is to look at stands in VIRTUAL_ENV. */
export function variables(environment: Environment | undefined): NodeJS.ProcessEnv {
  const isSingle = (vscode.workspace.workspaceFolders ?? []).length <= 1;
  // With several folders each has its own `.venv`; only what a person has said counts for all of them.
  if (environment === undefined || (environment.source !== "setting" && !isSingle)) {
    return process.env;
  }
  const folder = path.dirname(environment.interpreter);
  return path.basename(folder) === BIN ? { ...process.env, VIRTUAL_ENV: path.dirname(folder) } : process.env;
}

async function versionOf(candidate: Candidate): Promise<{ version: string } | { failure: string }> {
  try {
    const run = await promisify(execFile)(candidate.command, [...candidate.args, "--version"], { timeout: PATIENCE });
    const version = /^tpkg-lint (\S+)/.exec(run.stdout)?.[1];
    return version === undefined ? { failure: `it is not tpkg-lint: ${run.stdout.trim().slice(0, 80)}` } : { version };
  } catch (error) {
    return { failure: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  const { code, stderr, message } = error as { code?: string | number; stderr?: string; message: string };
  if (code === "ENOENT") {
    return "there is no such file";
  }
  if (code === "EACCES") {
    return "it may not be executed";
  }
  const last = (stderr ?? "").trim().split("\n").at(-1);
  return last ? last : message;
}
