// What the editor runs inside its extension host: the tests of one scenario, by mocha.

import Mocha from "mocha";
import { bundled } from "./bundled";
import { folders } from "./folders";
import { python } from "./python";
import { single } from "./single";
import { untrusted } from "./untrusted";

const SCENARIOS: Record<string, () => void> = { single, folders, python, untrusted, bundled };

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: "bdd", timeout: 150_000, color: false, bail: true });
  mocha.suite.emit("pre-require", globalThis, "", mocha);
  const scenario = process.env["TPKG_SCENARIO"] ?? "";
  describe(scenario, () => {
    const tests = SCENARIOS[scenario];
    if (tests === undefined) {
      throw new Error(`there is no scenario ${scenario}`);
    }
    tests();
  });
  await new Promise<void>((resolve, reject) => {
    mocha.run((failures) => (failures > 0 ? reject(new Error(`${failures} failed`)) : resolve()));
  });
}
