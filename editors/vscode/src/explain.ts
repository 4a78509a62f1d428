// The document of a rule, beside the code.

import type { Server } from "./server";
import { theTexts } from "./texts";

interface Explained {
  readonly code: string;
  readonly name: string;
  readonly document: string;
}

export async function explain(server: Server, code: string): Promise<Explained> {
  const rule = await server.command<Explained>("tpkg-lint.explain", code);
  const document = rule.document.replace(/^(## .*|```.*)$/gm, (line) => (line.startsWith("##") ? `\n${line}\n` : line));
  await theTexts().showMarkdown(`${rule.code} ${rule.name}.md`, `# ${rule.code} ${rule.name}\n\n${document}\n`);
  return rule;
}
