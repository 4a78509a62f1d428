// What the analyzer says of a package (render/graph_html.py), and the questions that the view asks of it.

export interface Module {
  name: string;
  status: string;
  is_root: boolean;
  bytes: number;
  path: string | null;
  pattern: string | null;
  rule: string | null;
  error: string | null;
  brings: number;
  brings_bytes: number;
}

export interface Dropped {
  module: string;
  by: string;
  line: number;
  reason: string;
}

export interface Document {
  version: number;
  package: string;
  outcome: string;
  open: boolean;
  failed: { module: string; reason: string } | null;
  declared: { path: string; line: number } | null;
  base: string;
  colours: Record<string, string>;
  nodes: Module[];
  edges: [importer: string, target: string, kind: string, line: number][];
  dropped: Dropped[];
}

export interface Import {
  importer: string;
  target: string;
  kind: string;
  line: number;
}

/** The statuses in the order of the legend, each with the letter that stands for its colour. */
export const STATUSES: [status: string, letter: string, meaning: string][] = [
  ["intern", "I", "copied into the package"],
  ["extern", "E", "taken from where the package is loaded"],
  ["mock", "M", "replaced by a mock"],
  ["deny", "D", "forbidden"],
  ["broken", "!", "fails the export"],
  ["pickle", "P", "a pickled object"],
  ["none", "?", "without an action"],
];

export const letterOf = (status: string): string => STATUSES.find(([name]) => name === status)?.[1] ?? "?";

export class Closure {
  readonly modules = new Map<string, Module>();
  readonly imports = new Map<string, Import[]>();
  readonly importers = new Map<string, Import[]>();
  private readonly cameFrom = new Map<string, Import | null>();

  constructor(readonly document: Document) {
    for (const module of document.nodes) this.modules.set(module.name, module);
    for (const [importer, target, kind, line] of document.edges) {
      const edge = { importer, target, kind, line };
      push(this.imports, importer, edge);
      push(this.importers, target, edge);
    }
    const queue = document.nodes.filter((module) => module.is_root).map((module) => module.name);
    for (const name of queue) this.cameFrom.set(name, null);
    for (const name of queue) {
      for (const edge of this.imports.get(name) ?? []) {
        if (this.cameFrom.has(edge.target)) continue;
        this.cameFrom.set(edge.target, edge);
        queue.push(edge.target);
      }
    }
  }

  /** The shortest chain of imports from what the package saves to a module; empty for a root. */
  why(name: string): Import[] {
    const chain: Import[] = [];
    for (let edge = this.cameFrom.get(name); edge; edge = this.cameFrom.get(edge.importer)) chain.unshift(edge);
    return chain;
  }

  /** The full name of a module's file, as links need it. */
  fileOf(name: string): string | null {
    const path = this.modules.get(name)?.path;
    if (!path) return null;
    return /^(\/|[A-Za-z]:)/.test(path) ? path : `${this.document.base}/${path}`;
  }
}

function push<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}
