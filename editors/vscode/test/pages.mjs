// The tests that look at the page itself, as a person does, in light and dark; with --shots FOLDER they leave pictures.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { address, given, HERE, withEditor, workspace } from "./harness.mjs";

const EXAMPLE = path.join(HERE, "../../../examples/sentiment");
const shots = process.argv.includes("--shots") ? path.resolve(process.argv[process.argv.indexOf("--shots") + 1]) : undefined;
const THEMES = { dark: "Default Dark Modern", light: "Default Light Modern" };
const LONG = { timeout: Number(process.env.TPKG_TIMEOUT ?? 120) * 1000 };

/** A person in front of a page. */
class Person {
  constructor(page, theme) {
    this.page = page;
    this.theme = theme;
  }

  async command(name) {
    const input = this.page.locator(".quick-input-widget input.input");
    // What opens meanwhile (a tab, a message) takes the focus, and the list of commands goes away.
    for (let left = 5; ; left--) {
      try {
        await this.page.keyboard.press("F1");
        await input.waitFor({ timeout: 3000 });
        await input.fill(`>${name}`, { timeout: 3000 });
        break;
      } catch (error) {
        if (left === 0) throw error;
        await this.page.keyboard.press("Escape");
        await this.page.waitForTimeout(500);
      }
    }
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: name.replace(/^tpkg-lint: /, "") }).first().waitFor();
    await this.page.waitForTimeout(300);
    await this.page.keyboard.press("Enter");
  }

  async choose(text) {
    const row = this.page.locator(".quick-input-list .monaco-list-row", { hasText: text }).first();
    await row.waitFor(LONG);
    await row.click();
  }

  async open(name) {
    await this.page.keyboard.press("Control+p");
    const input = this.page.locator(".quick-input-widget input.input");
    await input.waitFor();
    await input.fill(name);
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: path.basename(name) }).first().waitFor(LONG);
    await this.page.waitForTimeout(400);
    await this.page.keyboard.press("Enter");
    await this.page.locator(".tab.active", { hasText: path.basename(name) }).waitFor();
  }

  async goTo(line) {
    await this.page.keyboard.press("Control+g");
    const input = this.page.locator(".quick-input-widget input.input");
    await input.waitFor();
    await input.fill(`:${line}`);
    await this.page.waitForTimeout(200);
    await this.page.keyboard.press("Enter");
    await input.waitFor({ state: "hidden" });
    await this.page.locator(".statusbar", { hasText: `Ln ${line},` }).waitFor();
  }

  /** The rows of the Problems panel, as text. */
  async problems() {
    const rows = await this.page.locator(".markers-panel .monaco-list-row").allInnerTexts();
    return rows.map((row) => row.replace(/\s+/g, " "));
  }

  async until(what, look) {
    for (let tries = 0; tries < LONG.timeout / 200; tries++) {
      const found = await look();
      if (found) {
        return found;
      }
      await this.page.waitForTimeout(200);
    }
    throw new Error(`it never came to be so: ${what}`);
  }

  async shot(name) {
    if (shots !== undefined) {
      await this.page.waitForTimeout(700);
      await this.page.screenshot({ path: path.join(shots, `${name}-${this.theme}.png`) });
    }
  }

  /** The inner frame of the web view that is shown. */
  async webview() {
    const outer = this.page.frameLocator("iframe.webview.ready").last();
    const inner = outer.frameLocator("#active-frame");
    await inner.locator("body").waitFor(LONG);
    return inner;
  }
}

async function walk(person, page, folder) {
  await page.waitForSelector(".editor-instance .view-lines", LONG);
  const model = path.join(folder, "sentiment/model.py");

  console.log("  squiggles, Problems panel, inlay hints");
  await page.waitForSelector(".squiggly-error", LONG);
  await person.until("an inlay hint", async () => /intern/.test(await page.locator(".view-lines").first().innerText()));
  await person.command("Problems: Focus on Problems View");
  await person.until("the finding in the panel", async () => (await person.problems()).some((row) => /TPK107|TPK101|TPK202/.test(row)));
  const rows = await person.problems();
  assert.ok(rows.some((row) => /tpkg-lint\W*TPK\d+/.test(row)), rows.join("\n"));
  await person.shot("findings");

  console.log("  hover");
  await page.keyboard.press("Control+j");
  const squiggle = await page.locator(".squiggly-error, .squiggly-warning").first().boundingBox();
  await page.mouse.move(squiggle.x + squiggle.width / 2, squiggle.y + squiggle.height / 2);
  await page.waitForSelector(".monaco-hover:not(.hidden) .hover-contents", LONG);
  await person.until("what happens to the module", async () => /in package/.test(await page.locator(".monaco-hover:not(.hidden)").first().innerText()));
  await person.shot("hover");
  await page.keyboard.press("Escape");

  console.log("  quick fix");
  const before = fs.readFileSync(model, "utf8");
  const line = before.split("\n").findIndex((text) => text.includes("import_module")) + 1;
  await person.goTo(line);
  await page.keyboard.press("Home");
  for (let steps = before.split("\n")[line - 1].trim().indexOf("importlib.") + 3; steps > 0; steps--) {
    await page.keyboard.press("ArrowRight");
  }
  const fix = page.locator(".action-widget .monaco-list-row", { hasText: "Replace by `import" });
  await person.until("the quick fix", async () => {
    await page.keyboard.press("Control+.");
    return fix.waitFor({ timeout: 4000 }).then(() => true, () => page.keyboard.press("Escape").then(() => false));
  });
  await page.waitForTimeout(400);
  await person.shot("quick-fix");
  await fix.click();
  await person.until("the new text", async () => /import sentiment\.lexicon as/.test((await page.locator(".view-lines").first().innerText()).replaceAll("\u00a0", " ")));
  await page.keyboard.press("Control+s");
  await person.until("the file on disk", () => /import sentiment\.lexicon as/.test(fs.readFileSync(model, "utf8")));
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+s");
  await person.until("the old text on disk", () => fs.readFileSync(model, "utf8") === before);

  console.log("  code lens, status of the server");
  await person.open("export.py");
  await person.until("the numbers of the package", async () => /interned/.test((await page.locator(".codelens-decoration").allInnerTexts()).join(" ")));
  await page.locator("#status\\.languageStatus").click();
  const status = page.locator(".hover-language-status, .monaco-hover:not(.hidden)").filter({ hasText: "tpkg-lint" }).first();
  await status.waitFor(LONG);
  assert.match(await status.innerText(), /interned/);
  await person.shot("lens");
  await page.keyboard.press("Escape");

  console.log("  closure view");
  await page.locator(".codelens-decoration a", { hasText: "interned" }).first().click();
  await page.locator(".tab", { hasText: "Closure: sentiment" }).first().waitFor(LONG);
  const view = await person.webview();
  await checkClosure(person, page, view);

  console.log("  the closure view follows the code");
  await page.locator(".tab", { hasText: "model.py" }).first().click();
  await page.locator(".editor-instance .view-line").nth(3).click();
  const import_ = before.split("\n").findIndex((text) => text.startsWith("from sentiment.heads.registry")) + 1;
  await person.goTo(import_);
  await page.keyboard.press("Control+Shift+k");
  await person.until("another picture", async () => (await brokenOf(await person.webview())) < 6);
  await page.keyboard.press("Control+z");
  await person.until("the first picture", async () => (await brokenOf(await person.webview())) === 6);
  await page.locator(".tab", { hasText: "export.py" }).first().click();

  console.log("  plan");
  await person.command("tpkg-lint: Plan the Actions of a Package");
  await pickIfAsked(person, page);
  await page.locator(".tab", { hasText: "Plan of sentiment" }).first().waitFor(LONG);
  await person.shot("plan");
  await page.locator(".notifications-toasts .monaco-button", { hasText: "Write It" }).first().click(LONG);
  await person.until("the plan in the editor", async () => (await page.locator(".tab.dirty").count()) > 0);

  console.log("  why");
  await person.command("tpkg-lint: Why Is a Module in a Package?");
  const asked = page.locator('.quick-input-widget input[placeholder^="A module that is"]');
  await asked.waitFor(LONG);
  await asked.fill("sentiment.training");
  await person.choose("sentiment.training");
  await page.locator(".quick-input-list .monaco-list-row", { hasText: "imported by" }).first().waitFor(LONG);
  await person.shot("why");
  await page.locator(".quick-input-list .monaco-list-row", { hasText: "imported by sentiment.model" }).first().click();
  await page.locator(".tab.active", { hasText: "model.py" }).first().waitFor(LONG);
}

async function brokenOf(view) {
  return Number(/broken\s+(\d+)/.exec(await view.locator("body").innerText())?.[1] ?? "9");
}

async function pickIfAsked(person, page) {
  const row = page.locator(".quick-input-list .monaco-list-row", { hasText: "sentiment" }).first();
  if (await row.waitFor({ timeout: 4000 }).then(() => true, () => false)) {
    await page.keyboard.press("Enter");
  }
}

async function checkClosure(person, page, view) {
  const registry = view.getByText("registry", { exact: true }).first();
  await registry.waitFor(LONG);
  await page.keyboard.press("Control+b");
  await registry.click();
  const link = view.locator("a.file", { hasText: "model.py:15" }).first();
  await link.waitFor(LONG);
  assert.match(await view.locator("body").innerText(), /NO_ACTION/);
  await person.shot("closure");
  await link.click();
  await page.locator(".tab.active", { hasText: "model.py" }).first().waitFor(LONG);
  await person.until("the line of the import", async () => /Ln 15,/.test(await page.locator(".statusbar").innerText()));
  // Where the focus is after a click in a web view, is the editor's business: a click in the code settles it.
  await page.locator(".tab", { hasText: "export.py" }).first().click();
  await page.locator(".editor-instance .view-line").nth(3).click();
}

/** No tpkg-lint anywhere: the message, and its ways out. */
async function lost(person, page) {
  console.log("  a message with ways out where there is no tpkg-lint");
  const toast = page.locator(".notifications-toasts .notification-list-item", { hasText: "tpkg-lint" }).first();
  await toast.waitFor(LONG);
  assert.match(await toast.innerText(), /is not installed on PATH/);
  const buttons = await page.locator(".notifications-toasts .monaco-button").allInnerTexts();
  assert.deepEqual(buttons.map((text) => text.trim()).filter(Boolean), ["Use Bundled", "Copy pip Command", "Settings", "Logs"]);
  await person.shot("lost");
  await page.locator(".notifications-toasts .monaco-button", { hasText: "Settings" }).first().click();
  await page.locator(".settings-editor").waitFor(LONG);
  await person.until("the settings", async () => /Interpreter|Import Strategy/.test(await page.locator(".settings-editor").innerText()));
  await person.shot("settings");
}

const wide = {
  "editor.minimap.enabled": false,
  "workbench.sideBar.location": "left",
  "window.commandCenter": false,
  "editor.codeLensFontSize": 12,
  "workbench.layoutControl.enabled": false,
};
if (shots !== undefined) {
  fs.mkdirSync(shots, { recursive: true });
}
let code = 0;
const only = process.env.TPKG_ONLY ?? "";
for (const [theme, name] of Object.entries(THEMES)) {
  const visits = { walk: { "tpkg-lint.interpreter": [given.python] }, lost: {} };
  for (const [visit, settings] of Object.entries(visits)) {
    if (!`${visit}-${theme}`.includes(only)) {
      continue;
    }
    console.log(`== on the page, ${theme}: ${visit}`);
    const folder = workspace(EXAMPLE);
    const options = { settings: { "workbench.colorTheme": name, ...wide, ...settings } };
    await withEditor(options, async ({ page, port }) => {
      const person = new Person(page, theme);
      try {
        await page.goto(address(port, folder, [["openFile", path.join(folder, "sentiment/model.py")]]), { waitUntil: "domcontentloaded" });
        await (visit === "walk" ? walk : lost)(person, page, folder);
      } catch (error) {
        await page.screenshot({ path: path.join(shots ?? HERE, `out/failed-${visit}-${theme}.png`) }).catch(() => undefined);
        throw error;
      }
    }).catch((error) => {
      console.error(error);
      code = 1;
    });
    fs.rmSync(path.dirname(folder), { recursive: true, force: true });
  }
}
process.exit(code);
