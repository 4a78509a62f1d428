// Builds the script, the style and the licences of what is bundled into the analyzer, from where the wheel carries them.
// `node build.mjs FOLDER` writes to FOLDER instead: a test compares that with what is committed.
import { build } from "esbuild";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "../../analyzer/tpkg_analyzer/render/assets");

const result = await build({
  absWorkingDir: here,
  entryPoints: ["src/closure_view.ts", "src/closure_view.css"],
  outdir: out,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022"],
  charset: "ascii",
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});

const packages = new Set();
for (const input of Object.keys(result.metafile.inputs)) {
  const found = /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input);
  if (found) packages.add(found[1]);
}
const parts = ["closure_view.js holds code of these packages.\n"];
for (const name of [...packages].sort()) {
  const folder = join(here, "node_modules", name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
  if (!file) throw new Error(`${name} has no licence text`);
  const text = readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim();
  parts.push(`${"=".repeat(78)}\n${name} ${version} (${license})\n\n${text}\n`);
}
writeFileSync(join(out, "closure_view.licenses.txt"), parts.join("\n"));
