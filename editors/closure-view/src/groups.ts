// Packages as groups that open: the tree of dotted names, where each of its parts lies, and what of it is shown.
import { hierarchy, pack } from "d3-hierarchy";
import type { Closure, Module } from "./data";

export interface Group {
  /** The dotted name; a group and the module of its `__init__` share it. */
  name: string;
  label: string;
  module: Module | null;
  children: Group[];
  parent: Group | null;
  depth: number;
  /** Modules below, and the number of each status among them. */
  size: number;
  counts: Map<string, number>;
  x: number;
  y: number;
  r: number;
}

const MOST_SHOWN_AT_FIRST = 260;
const FEWEST_OUTSIDE = 6;
/** So small a picture has room for names and arrows between its discs. */
const SMALL = 120;
export const OUTSIDE = "outside the package";

const RANK = ["pickle", "intern", "broken", "deny", "mock", "none", "extern"];

/** Return the groups of a closure, laid out as discs in discs, with the whole as a root that is not drawn. */
export function groupsOf(closure: Closure): Group {
  const root = group("", "", null);
  const known = new Map<string, Group>();
  for (const module of closure.modules.values()) {
    let at = root;
    const parts = module.name.startsWith("<") ? [module.name] : module.name.split(".");
    parts.forEach((part, index) => {
      const name = parts.slice(0, index + 1).join(".");
      let next = known.get(name);
      if (!next) {
        next = group(name, part.startsWith("<") ? part.slice(1, -1).split(".").slice(-2).join(".") : part, at);
        known.set(name, next);
        at.children.push(next);
      }
      at = next;
    });
    at.module = module;
  }
  for (const child of root.children) settle(child);
  root.size = root.children.reduce((sum, child) => sum + child.size, 0);
  gatherOutside(root);
  root.children.sort(byRank);
  layOut(root, closure.modules.size < SMALL ? 0.62 : 0.86);
  return root;
}

/** Return the groups that are open at first: as many as leave a picture that can be read. */
export function openAtFirst(root: Group): Set<Group> {
  const open = new Set<Group>([root]);
  let shown = root.children.length;
  for (const next of open) {
    // What the package carries comes before what it leaves outside, the small before the large.
    for (const child of [...next.children].sort((a, b) => Number(isOutside(a)) - Number(isOutside(b)) || a.size - b.size)) {
      if (!child.children.length || shown + child.children.length > MOST_SHOWN_AT_FIRST) continue;
      shown += child.children.length;
      open.add(child);
    }
  }
  return open;
}

export function* below(at: Group): Generator<Group> {
  yield at;
  for (const child of at.children) yield* below(child);
}

export const isGroup = (at: Group): boolean => at.children.length > 0;

/** The status that most modules of a group have. */
export const mainStatus = (at: Group): string => [...at.counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? "none";

function group(name: string, label: string, parent: Group | null): Group {
  const depth = parent ? parent.depth + 1 : 0;
  return { name, label, module: null, children: [], parent, depth, size: 0, counts: new Map(), x: 0, y: 0, r: 0 };
}

function settle(at: Group): void {
  // A package's own module lies among its children; a package of a single child is no group of its own.
  while (!at.module && at.children.length === 1) {
    const [only] = at.children as [Group];
    Object.assign(at, { name: only.name, label: `${at.label}.${only.label}`, module: only.module, children: only.children });
    for (const child of at.children) child.parent = at;
  }
  if (at.module && at.children.length) {
    const own = group(at.name, "__init__", at);
    own.module = at.module;
    at.children.unshift(own);
    at.module = null;
  }
  if (at.module) at.counts.set(at.module.status, 1);
  at.size = at.module ? 1 : 0;
  for (const child of at.children) {
    child.depth = at.depth + 1;
    settle(child);
    at.size += child.size;
    for (const [status, count] of child.counts) at.counts.set(status, (at.counts.get(status) ?? 0) + count);
  }
  at.children.sort(byRank);
}

function byRank(one: Group, other: Group): number {
  const rank = (at: Group): number => RANK.findIndex((status) => at.counts.has(status));
  const isRoot = (at: Group): number => Number(at.module?.is_root ?? false);
  return isRoot(other) - isRoot(one) || rank(one) - rank(other) || other.size - one.size || (one.name < other.name ? -1 : 1);
}

const isOutside = (at: Group): boolean => [...at.counts.keys()].every((status) => status === "extern");

/** Put what is taken from the host into one group, where it is more than a few. */
function gatherOutside(root: Group): void {
  const outside = root.children.filter(isOutside);
  if (outside.length < FEWEST_OUTSIDE || outside.length === root.children.length) return;
  const one = group(OUTSIDE, OUTSIDE, root);
  one.children = outside.sort(byRank);
  one.size = outside.reduce((sum, child) => sum + child.size, 0);
  one.counts.set("extern", one.size);
  for (const child of outside) child.parent = one;
  for (const inner of below(one)) inner.depth = (inner.parent?.depth ?? 0) + 1;
  root.children = [...root.children.filter((child) => !outside.includes(child)), one];
}

function layOut(root: Group, filled: number): void {
  const tree = hierarchy(root, (at) => at.children);
  tree.sum((at) => (at.children.length || !at.module ? 0 : 6 + Math.sqrt(at.module.bytes) / 12));
  // The greatest first makes for tight discs; what is in the package comes before what is outside.
  tree.sort((a, b) => (b.value ?? 0) - (a.value ?? 0) || byRank(a.data, b.data));
  const packed = pack<Group>()
    .size([1000, 1000])
    .padding((node) => (node.depth ? 2 : 5))(tree);
  for (const node of packed.descendants()) {
    const { x, y, r, data } = node;
    Object.assign(data, { x, y, r: data.children.length ? r : r * filled });
  }
}
