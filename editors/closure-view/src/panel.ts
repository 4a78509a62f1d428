// What is known of the chosen module: its fate, its file, the way from the roots, and both sides of its imports.
import { type Closure, type Import, letterOf, STATUSES } from "./data";
import { badge, counted, make, sized } from "./elements";
import { fileLink } from "./host";

const MOST_DROPPED = 50;

export type Choose = (name: string) => void;

export function overview(closure: Closure, choose: Choose): Node[] {
  const { document } = closure;
  const nodes: Node[] = [make("h2", {}, document.package)];
  const ok = document.outcome === "ok";
  const verdict = ok ? "The export would succeed." : `The export would end with ${document.outcome}.`;
  nodes.push(make("p", { class: ok ? "verdict ok" : "verdict bad" }, `${ok ? "\u2713" : "\u2717"} ${verdict}`));
  if (document.failed) nodes.push(make("p", {}, `${document.failed.module} cannot be saved: ${document.failed.reason}`));
  if (document.open) nodes.push(make("p", {}, "A part of the export is not understood; what follows from the rest is shown."));
  if (document.declared) {
    const { path, line } = document.declared;
    nodes.push(make("p", {}, "Declared at ", fileLink(`${path.split(/[\\/]/).pop()}:${line}`, path, line)));
  }
  const bytes = document.nodes.reduce((sum, module) => sum + module.bytes, 0);
  nodes.push(make("p", {}, `${counted(document.nodes.length, "module")}, ${counted(document.edges.length, "import")}, ${sized(bytes)} of source.`));
  const broken = document.nodes.filter((module) => module.error);
  if (broken.length) nodes.push(section("Fails the export", broken.map((module) => row(closure, module.name, module.error ?? "", choose))));
  const roots = document.nodes.filter((module) => module.is_root);
  nodes.push(section("Saved by the package", roots.map((module) => row(closure, module.name, "", choose))));
  const dearest = [...document.nodes].filter((module) => module.brings && !module.is_root).sort((a, b) => b.brings_bytes - a.brings_bytes || b.brings - a.brings);
  const cost = dearest.slice(0, 8).map((module) => row(closure, module.name, `${counted(module.brings + 1, "module")}, ${sized(module.brings_bytes)}`, choose));
  if (cost.length) nodes.push(section("What would go with it", cost));
  if (document.dropped.length) {
    const dropped = document.dropped.slice(0, MOST_DROPPED).map((item) =>
      make("li", {}, make("span", { class: "module" }, item.module), " in ", moduleButton(closure, item.by, choose), note(`line ${item.line}, ${item.reason}`)),
    );
    const rest = document.dropped.length - dropped.length;
    if (rest) dropped.push(make("li", { class: "empty" }, `and ${rest} more; each module lists its own`));
    nodes.push(section(`Dropped without a word (${document.dropped.length})`, dropped));
  }
  return nodes;
}

export function details(closure: Closure, name: string, choose: Choose, close: () => void): Node[] {
  const module = closure.modules.get(name);
  if (!module) return [];
  const status = STATUSES.find(([known]) => known === module.status);
  const nodes: Node[] = [
    make("button", { class: "back", type: "button", click: close }, "\u2190 Overview"),
    make("h2", { tabindex: -1 }, name),
    make(
      "p",
      { class: "fate" },
      badge(letterOf(module.status), module.status, closure.document.colours[module.status] ?? "#66707a"),
      make("span", {}, make("strong", {}, module.error ?? module.status), `, ${status?.[2] ?? ""}`),
    ),
  ];
  const by = module.is_root ? "saved by the package itself" : module.rule === "implicit" ? "by itself: torch.package takes it from outside before any pattern is asked" : module.pattern ? `by the pattern ${module.pattern}` : null;
  if (by) nodes.push(make("p", {}, by.charAt(0).toUpperCase() + by.slice(1)));
  const file = closure.fileOf(name);
  if (file && module.path) nodes.push(make("p", {}, fileLink(module.path, file, 0), module.bytes ? note(sized(module.bytes)) : null));
  if (module.brings) nodes.push(make("p", {}, `Without it the package would lose ${counted(module.brings, "other module")} as well, ${sized(module.brings_bytes)} together.`));
  const chain = closure.why(name);
  if (chain.length) {
    const steps = [moduleRow(closure, chain[0]!.importer, null, choose), ...chain.map((edge) => moduleRow(closure, edge.target, edge, choose))];
    nodes.push(make("section", { class: "why" }, make("h3", {}, make("span", { class: "key path" }), "Why it is in"), make("ol", {}, ...steps)));
  }
  const importers = closure.importers.get(name) ?? [];
  const imports = closure.imports.get(name) ?? [];
  const into = importers.map((edge) => importRow(closure, edge.importer, edge, choose));
  const out = imports.map((edge) => importRow(closure, edge.target, edge, choose));
  nodes.push(section(`Imported by (${importers.length})`, into, "importers"), section(`Imports (${imports.length})`, out, "imports"));
  const dropped = closure.document.dropped.filter((item) => item.by === name);
  if (dropped.length) nodes.push(section("Imports that are dropped", dropped.map((item) => make("li", {}, make("span", { class: "module" }, item.module), note(`line ${item.line}, ${item.reason}`)))));
  return nodes;
}

function section(title: string, rows: Node[], key?: string): HTMLElement {
  const head = make("h3", {}, key ? make("span", { class: `key ${key}` }) : null, title);
  return make("section", { class: key ?? null }, head, rows.length ? make("ul", {}, ...rows) : make("p", { class: "empty" }, "none"));
}

function row(closure: Closure, name: string, text: string, choose: Choose): HTMLElement {
  return make("li", {}, moduleButton(closure, name, choose), text ? note(text) : null);
}

function importRow(closure: Closure, name: string, edge: Import, choose: Choose): HTMLElement {
  return make("li", {}, moduleButton(closure, name, choose), place(closure, edge));
}

function moduleRow(closure: Closure, name: string, edge: Import | null, choose: Choose): HTMLElement {
  return make("li", {}, moduleButton(closure, name, choose), edge ? place(closure, edge) : note("saved by the package"));
}

function place(closure: Closure, edge: Import): HTMLElement {
  const file = closure.fileOf(edge.importer);
  const kind = edge.kind === "static" ? "" : edge.kind;
  if (!file || !edge.line) return note(kind);
  const short = `${file.split("/").pop()}:${edge.line}`;
  return make("span", { class: "note" }, fileLink(short, file, edge.line), kind ? ` ${kind}` : "");
}

function moduleButton(closure: Closure, name: string, choose: Choose): HTMLElement {
  const module = closure.modules.get(name);
  const status = module?.status ?? "none";
  const colour = closure.document.colours[status] ?? "#66707a";
  const label = make("span", {}, name);
  return make("button", { class: "module", type: "button", "aria-label": `${name}, ${status}`, click: () => choose(name) }, badge(letterOf(status), status, colour), label);
}

const note = (text: string): HTMLElement => make("span", { class: "note" }, text);
