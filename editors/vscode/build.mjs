// One file for the extension host; `--test` also builds the tests that run inside of it.
import { build } from "esbuild";

const common = { bundle: true, platform: "node", format: "cjs", target: "node20", external: ["vscode"], logLevel: "warning" };
await build({ ...common, entryPoints: ["src/extension.ts"], outfile: "dist/extension.js", minify: true, legalComments: "linked" });
if (process.argv.includes("--test")) {
  await build({ ...common, external: ["vscode", "mocha"], entryPoints: ["test/suite/index.ts"], outfile: "test/out/index.js" });
}
