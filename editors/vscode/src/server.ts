// The life of the language server: one for the window, which knows all of its folders.

import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  State as ClientState,
  type ExecuteCommandParams,
  type LanguageClientOptions,
  type StaticFeature,
} from "vscode-languageclient/node";
import { hasBundled } from "./bundled";
import type { ClosureViews } from "./closureView";
import { DOCUMENTS } from "./documents";
import { findExecutable, NotFound, variables, type Executable } from "./executable";
import { leveled } from "./logs";
import { middleware } from "./middleware";
import { extensionSettings, SECTION, serverSettings, STARTING } from "./settings";
import type { ServerStatus, Status } from "./status";

const MOST_CRASHES = 4;
const CRASH_WINDOW = 180_000;

export interface Channels {
  readonly clientLog: vscode.LogOutputChannel;
  readonly serverLog: vscode.LogOutputChannel;
  readonly traceLog: vscode.LogOutputChannel;
}

/** Starts, ends and asks the server. Starts and ends wait for each other. */
export class Server {
  private client: LanguageClient | undefined;
  private turn: Promise<void> = Promise.resolve();
  private crashes: number[] = [];
  executable: Executable | undefined;
  failure: string | undefined;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly channels: Channels,
    readonly status: Status,
    private readonly closureViews: ClosureViews,
  ) {}

  /** Tell whether a change of the settings needs another process. */
  dependsOn(event: vscode.ConfigurationChangeEvent): boolean {
    return STARTING.some((name) => event.affectsConfiguration(`${SECTION}.${name}`));
  }

  start(): Promise<void> {
    return this.inTurn(() => this.begin());
  }

  stop(): Promise<void> {
    return this.inTurn(() => this.end());
  }

  restart(): Promise<void> {
    return this.inTurn(async () => {
      await this.end();
      await this.begin();
    });
  }

  /** Run a command of the server. Throws where there is none, with the reason. */
  async command<Result>(command: string, ...args: unknown[]): Promise<Result> {
    await this.turn;
    if (this.client === undefined || this.client.state !== ClientState.Running) {
      throw new Error(`tpkg-lint is not running${this.failure === undefined ? "" : `: ${this.failure}`}`);
    }
    const params: ExecuteCommandParams = { command, arguments: args };
    return this.client.sendRequest<Result>("workspace/executeCommand", params);
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(work, work);
    return this.turn;
  }

  private async begin(): Promise<void> {
    this.failure = undefined;
    this.executable = undefined;
    if (!extensionSettings().enable) {
      this.status.off();
      return;
    }
    this.status.starting();
    try {
      this.executable = await findExecutable(this.context, this.channels.clientLog);
      this.client = this.newClient(this.executable);
      await this.client.start();
      this.status.running(this.executable.version, this.executable.origin);
    } catch (error) {
      const failed = this.client;
      this.client = undefined;
      await failed?.dispose().catch(() => undefined);
      this.fail(error);
    }
  }

  private async end(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    this.crashes = [];
    if (client !== undefined) {
      await client.dispose().catch((error) => this.channels.clientLog.warn(`the server did not end well: ${error}`));
    }
  }

  private newClient(executable: Executable): LanguageClient {
    const run = {
      command: executable.command,
      args: [...executable.args, "server", "--log-level", extensionSettings().logLevel],
      options: { env: variables(executable.environment) },
    };
    const options: LanguageClientOptions = {
      documentSelector: DOCUMENTS,
      outputChannel: leveled(this.channels.serverLog),
      traceOutputChannel: this.channels.traceLog,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: serverSettings(vscode.workspace.getConfiguration(SECTION)),
      middleware: middleware(this.closureViews, this),
      errorHandler: { error: () => ({ action: ErrorAction.Continue, handled: true }), closed: () => this.closed() },
      initializationFailedHandler: () => false,
    };
    const client = new LanguageClient(SECTION, "tpkg-lint", run, options);
    client.registerFeature(WANTS_STATUS);
    client.onNotification("experimental/serverStatus", (said: ServerStatus) => {
      if (client === this.client) {
        this.status.update(said);
        if (said.quiescent) {
          void this.closureViews.refresh(this);
        }
      }
    });
    client.onDidChangeState(({ newState }) => {
      // The client itself starts the server again after a crash.
      if (newState === ClientState.Running && client === this.client && this.executable !== undefined) {
        this.status.running(this.executable.version, this.executable.origin);
      }
    });
    return client;
  }

  /** The connection is gone without our doing: again, unless that happens all the time. */
  private closed(): { action: CloseAction; handled: boolean } {
    const now = Date.now();
    this.crashes = [...this.crashes.filter((when) => now - when < CRASH_WINDOW), now];
    this.channels.clientLog.warn(`the server has ended by itself (${this.crashes.length} of ${MOST_CRASHES})`);
    if (this.crashes.length < MOST_CRASHES) {
      this.status.starting();
      return { action: CloseAction.Restart, handled: true };
    }
    this.fail(new Error("the server has ended by itself again and again"));
    return { action: CloseAction.DoNotRestart, handled: true };
  }

  private fail(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.failure = message;
    this.channels.clientLog.error(message);
    this.status.failed(message);
    void this.offerWaysOut(message, error instanceof NotFound ? error : undefined);
  }

  /** Say why the server does not run, with what a person can do about it. */
  private async offerWaysOut(message: string, notFound: NotFound | undefined): Promise<void> {
    const python = notFound?.interpreter ?? "python";
    const ways = new Map<string, () => unknown>();
    if (notFound?.isMissing && hasBundled(this.context) && vscode.workspace.isTrusted) {
      ways.set("Use Bundled", () =>
        vscode.workspace.getConfiguration(SECTION).update("importStrategy", "useBundled", vscode.ConfigurationTarget.Global),
      );
    }
    if (notFound?.isMissing) {
      ways.set("Copy pip Command", () => vscode.env.clipboard.writeText(`"${python}" -m pip install tpkg-lint`));
    }
    ways.set("Settings", () => vscode.commands.executeCommand("workbench.action.openSettings", "@ext:tpkg-lint.tpkg-lint"));
    ways.set("Logs", () => this.channels.clientLog.show());
    const chosen = await vscode.window.showErrorMessage(message, ...ways.keys());
    await ways.get(chosen ?? "")?.();
  }
}

/** Asks the server to tell its state. */
const WANTS_STATUS: StaticFeature = {
  fillClientCapabilities(capabilities) {
    capabilities.experimental = { ...(capabilities.experimental as object | undefined), serverStatusNotification: true };
  },
  initialize() {},
  getState: () => ({ kind: "static" }),
  clear() {},
};
