// One file for the extension host, with the licences of what is in it; `--test` also builds the tests that run there.
import fs from "node:fs";
import path from "node:path";
import { build } from "esbuild";

const common = { bundle: true, platform: "node", format: "cjs", target: "node20", external: ["vscode"], logLevel: "warning" };
const built = await build({
  ...common,
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  minify: true,
  legalComments: "none",
  metafile: true,
});

const packages = new Set(Object.keys(built.metafile.inputs).flatMap((name) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(name) ?? []));
const notices = [...packages].sort().map((folder) => {
  const { name, version, license } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
  const file = fs.readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined && license === undefined) {
    throw new Error(`${name} has no licence`);
  }
  return `${name} ${version} (${license})\n\n${file ? fs.readFileSync(path.join(folder, file), "utf8").trim() : ""}\n`;
});
fs.writeFileSync("dist/third-party-licenses.txt", notices.join("\n----\n\n"));

if (process.argv.includes("--test")) {
  await build({ ...common, external: ["vscode", "mocha"], entryPoints: ["test/suite/index.ts"], outfile: "test/out/index.js" });
}
