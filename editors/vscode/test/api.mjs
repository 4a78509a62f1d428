// The tests that run inside the extension host of a real VS Code, one window for each scenario. The packed extension
// is what they look at.   node test/api.mjs [SCENARIO ...]

import fs from "node:fs";
import path from "node:path";
import { format } from "node:util";
import { address, given, HERE, withEditor, workspace } from "./harness.mjs";

const WORKSPACES = path.join(HERE, "workspaces");
const PATIENCE = Number(process.env.TPKG_TIMEOUT ?? 400) * 1000;
// What the editor itself says in every run, without network and gallery.
const NOISE = /socket|token|extensionquery|workbench\.js|AgentHost|AccountPolicy|Service Worker|builtin extensions|ECONNREFUSED|grace-time|ERR_FAILED|marketplace|vsda|\[DEP0|Creation of workbench/i;
const interpreter = { "tpkg-lint.interpreter": [given.python] };

const SCENARIOS = {
  single: { workspace: "single", settings: interpreter },
  folders: { workspace: "folders", open: "both.code-workspace", settings: interpreter },
  python: { workspace: "single", extensions: [path.join(HERE, "python-extension")], variables: { TPKG_TEST_SELECTED: given.python } },
  untrusted: { workspace: "single", prepare: setTrap, isTrusted: false, settings: { "tpkg-lint.path": [path.join(path.dirname(given.python), "tpkg-lint")] } },
  bundled: { workspace: "single", settings: {} },
};

/** Put into a folder what must not be started: an interpreter, and settings that name programs. */
function setTrap(folder) {
  const trap = `#!/bin/sh\ntouch "${folder}/started"\nexit 1\n`;
  for (const name of [".venv/bin/python", "trap"]) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), trap, { mode: 0o755 });
  }
  const settings = { "tpkg-lint.path": ["trap"], "tpkg-lint.interpreter": ["trap"], "tpkg-lint.python": "./trap" };
  fs.mkdirSync(path.join(folder, ".vscode"));
  fs.writeFileSync(path.join(folder, ".vscode/settings.json"), JSON.stringify(settings));
}

async function run(name, { workspace: source, open = "", prepare, ...options }) {
  const folder = workspace(path.join(WORKSPACES, source));
  prepare?.(folder);
  const variables = { ...options.variables, TPKG_SCENARIO: name, TPKG_PYTHON: given.python };
  try {
    // Without the driver the editor takes no tests; with it, it shows no notifications.
    await withEditor({ ...options, variables, isDriven: true }, async ({ page, port }) => {
      let finished = () => undefined;
      const exited = new Promise((resolve) => (finished = resolve));
      await page.exposeFunction("codeAutomationLog", (kind, words) => {
        const text = format(...words);
        if (process.env.VERBOSE || kind === "log" || !NOISE.test(text)) {
          console.log(text);
        }
      });
      await page.exposeFunction("codeAutomationExit", (code) => finished(code));
      const late = new Promise((resolve) => setTimeout(() => resolve("it took too long"), PATIENCE));
      const tests = [["extensionDevelopmentPath", path.join(HERE, "stub")], ["extensionTestsPath", path.join(HERE, "out/index.js")], ["skipWelcome", "true"]];
      await page.goto(address(port, path.join(folder, open).replace(/\/$/, ""), tests));
      const code = await Promise.race([exited, late]);
      if (code !== 0) {
        throw new Error(`scenario ${name}: ${code}`);
      }
    });
  } finally {
    fs.rmSync(path.dirname(folder), { recursive: true, force: true });
  }
}

const wanted = process.argv.slice(2);
const failures = [];
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  if (wanted.length === 0 || wanted.includes(name)) {
    console.log(`== in the extension host: ${name}`);
    await run(name, scenario).catch((error) => failures.push(error.message));
  }
}
console.log(failures.length > 0 ? failures.join("\n") : "== all scenarios passed");
process.exit(failures.length > 0 ? 1 : 0);
