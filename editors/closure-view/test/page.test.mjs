// The page in a real Chromium. SMALL and LARGE are pages that `tpkg-lint graph` wrote, CHROMIUM is the browser.
// SHOTS is a folder for pictures of it, where somebody wants to look at them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const { SMALL, LARGE, CHROMIUM, SHOTS } = process.env;
let browser;

before(async () => {
  // WebGL in software: the machine that tests has no screen.
  const args = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"];
  browser = await chromium.launch({ executablePath: CHROMIUM, args });
});
after(() => browser?.close());

async function opened(file, { scheme = "light", prepare } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: scheme, reducedMotion: "reduce" });
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && !/GPU stall/.test(message.text()) && faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("request", (request) => request.url().startsWith("file:") || faults.push(`asked for ${request.url()}`));
  if (prepare) await page.addInitScript(prepare);
  await page.goto(pathToFileURL(file).href);
  await page.waitForFunction(() => window.closureView?.shown > 0);
  return { page, faults };
}

const shot = async (page, name) => SHOTS && page.waitForTimeout(500).then(() => page.screenshot({ path: join(SHOTS, `${name}.png`) }));
const chosen = (page) => page.locator(".panel h2").textContent();

test("it loads without a fault, asks for nothing, and draws every module", async () => {
  const { page, faults } = await opened(SMALL);
  await shot(page, "light");
  const document = await page.evaluate(() => JSON.parse(window["closure-data"].textContent));
  assert.equal(await page.evaluate(() => window.closureView.shown), document.nodes.length);
  assert.match(await page.locator(".verdict").textContent(), /PackagingError/);
  const drawn = await page.evaluate(() => {
    const canvas = document.querySelector("canvas.layer:last-of-type") ?? document.querySelectorAll("canvas.layer")[1];
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.some((value) => value > 0);
  });
  assert.ok(drawn, "nothing is written on the picture");
  assert.deepEqual(faults, []);
});

test("a search finds, Enter chooses, and the way from the root is shown", async () => {
  const { page, faults } = await opened(SMALL);
  await page.keyboard.press("/");
  await page.keyboard.type("rare");
  assert.deepEqual(await page.locator("[role=treeitem] .name").allTextContents(), ["shop.rare"]);
  await page.keyboard.press("Enter");
  assert.equal(await chosen(page), "shop.rare");
  assert.deepEqual(await page.locator(".why button.module").allInnerTexts().then((all) => all.map((text) => text.split("\n").pop().trim())), ["shop.main", "shop.rare"]);
  assert.match(await page.locator(".why .note").last().innerText(), /main\.py:5.*function/);
  assert.match(await page.locator("[role=status]").innerText(), /^shop\.rare, intern, 1 import away/);
  await shot(page, "why");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  assert.equal(await chosen(page), "shop");
  assert.deepEqual(faults, []);
});

test("a click in the picture chooses, one beside it lets go", async () => {
  const { page, faults } = await opened(SMALL);
  const at = await page.evaluate(() => window.closureView.positionOf("shop.bank"));
  await page.mouse.click(at.x, at.y);
  await page.waitForFunction(() => document.querySelector(".panel h2").textContent === "shop.bank");
  assert.match(await page.locator(".panel").innerText(), /Imported by \(1\)[\s\S]*shop\.pay[\s\S]*Imports \(1\)[\s\S]*shop\.vault/);
  assert.match(await page.locator(".panel").innerText(), /lose 1 other module as well/);
  assert.equal(await page.locator("[role=treeitem][aria-selected=true]").getAttribute("aria-label"), "shop.bank, intern");
  const href = await page.locator(".panel a.file").first().getAttribute("href");
  assert.match(href, /^vscode:\/\/file\/.*shop\/bank\.py$/);
  await page.waitForTimeout(400); // two clicks at once are a double click, wherever they are
  await page.mouse.click(290, 60);
  await page.waitForFunction(() => document.querySelector(".panel h2").textContent === "shop");
  assert.deepEqual(faults, []);
});

test("the keyboard is enough", async () => {
  const { page, faults } = await opened(SMALL);
  const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  await page.locator("input[type=search]").focus();
  await page.keyboard.press("Tab");
  assert.match(await focused(), /^shop, 8 modules/);
  await page.keyboard.press("ArrowRight");
  assert.equal(await focused(), "shop.main, intern, saved by the package");
  await page.keyboard.press("ArrowLeft");
  assert.match(await focused(), /^shop, 8 modules/);
  await page.keyboard.press("ArrowLeft");
  assert.equal(await page.locator("[role=treeitem]").first().getAttribute("aria-expanded"), "false");
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("[role=treeitem]").first().getAttribute("aria-expanded"), "true");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  assert.equal(await chosen(page), "shop.main");
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.notEqual(outline, "none");
  await page.keyboard.press("Tab");
  assert.match(await focused(), /^Picture of package shop/);
  assert.deepEqual(faults, []);
});

test("the legend hides and shows, and says so without colours", async () => {
  const { page, faults } = await opened(SMALL);
  const before = await page.evaluate(() => window.closureView.shown);
  const chip = page.locator(".chip[data-status=intern]");
  assert.match(await chip.innerText(), /I\s*intern\s*8/);
  await chip.click();
  assert.equal(await chip.getAttribute("aria-pressed"), "false");
  assert.equal(await page.evaluate(() => window.closureView.shown), before - 8);
  assert.equal(await page.locator("[role=treeitem][aria-label*='intern']").count(), 0);
  await chip.click();
  assert.equal(await page.evaluate(() => window.closureView.shown), before);
  assert.deepEqual(faults, []);
});

test("a web view of VS Code is told what to open, and has its colours", async () => {
  const prepare = () => {
    window.told = [];
    window.acquireVsCodeApi = () => ({ postMessage: (message) => window.told.push(message) });
  };
  const { page, faults } = await opened(SMALL, { prepare });
  await page.evaluate(() => {
    document.documentElement.style.setProperty("--vscode-editor-background", "rgb(31, 31, 31)");
    document.documentElement.style.setProperty("--vscode-editor-foreground", "rgb(204, 204, 204)");
    document.documentElement.style.setProperty("--vscode-sideBar-background", "rgb(24, 24, 24)");
    document.body.classList.add("vscode-dark");
    window.postMessage({ type: "select", module: "shop.codes" }, "*");
  });
  await page.waitForFunction(() => document.querySelector(".panel h2").textContent === "shop.codes");
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(31, 31, 31)");
  await page.locator(".why a.file").last().click();
  const told = await page.evaluate(() => window.told);
  assert.deepEqual(told[0], { type: "selected", module: "shop.codes" });
  assert.equal(told[1].type, "open");
  assert.match(told[1].path, /shop\/pay\.py$/);
  assert.equal(told[1].line, 1);
  await shot(page, "vscode");
  assert.deepEqual(faults, []);
});

test("dark is dark", async () => {
  const { page, faults } = await opened(SMALL, { scheme: "dark" });
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(22, 25, 31)");
  await shot(page, "dark");
  assert.deepEqual(faults, []);
});

test("three thousand modules: packages are closed at first, open all at once, and a search opens the way", async () => {
  const { page, faults } = await opened(LARGE);
  const size = await page.evaluate(() => JSON.parse(window["closure-data"].textContent).nodes.length);
  assert.ok(size >= 3000, `only ${size}`);
  assert.ok((await page.evaluate(() => window.closureView.shown)) < 400);
  await page.keyboard.press("/");
  await page.keyboard.type("p11.m77");
  await page.keyboard.press("Enter");
  assert.match(await chosen(page), /p11\.m77$/);
  assert.notEqual(await page.evaluate(() => window.closureView.positionOf(document.querySelector(".panel h2").textContent)), null);
  await page.getByRole("button", { name: "Open all packages" }).click();
  assert.equal(await page.evaluate(() => window.closureView.shown), size);
  await shot(page, "large");
  assert.deepEqual(faults, []);
});
