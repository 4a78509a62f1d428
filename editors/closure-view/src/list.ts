// The list beside the picture: packages as a tree whose parts open, or what a search finds. It is the way of the keyboard.
import { type Closure, letterOf, STATUSES } from "./data";
import { badge, make } from "./elements";
import { below, type Group, isGroup, mainStatus } from "./groups";

export interface ListEvents {
  choose(group: Group): void;
  toggle(group: Group): void;
}

const MOST_FOUND = 400;

export class List {
  readonly element = make("div", { class: "tree", role: "tree", "aria-label": "Modules of the package" });
  private rows: [Group, HTMLElement][] = [];
  private at = 0;
  private query = "";
  private selected: string | null = null;

  constructor(
    private readonly closure: Closure,
    private readonly root: Group,
    private readonly open: Set<Group>,
    private readonly hidden: Set<string>,
    private readonly events: ListEvents,
  ) {
    this.element.addEventListener("keydown", (event) => this.onKey(event));
    this.rebuild();
  }

  search(query: string): number {
    this.query = query.trim().toLowerCase();
    this.at = 0;
    this.rebuild();
    return this.rows.length;
  }

  select(name: string | null): void {
    this.selected = name;
    for (const [group, row] of this.rows) row.setAttribute("aria-selected", String(group.module?.name === name && name !== null));
    const index = this.rows.findIndex(([group]) => name !== null && group.module?.name === name);
    if (index >= 0) this.moveTo(index, false);
  }

  focusFirst(): void {
    this.moveTo(0, true);
  }

  chooseFirst(): void {
    const first = this.rows[0]?.[0];
    if (first) this.events.choose(first);
  }

  rebuild(): void {
    const hadFocus = this.element.contains(document.activeElement);
    const current = this.rows[this.at]?.[0];
    this.rows = [];
    const found = this.query ? this.found() : null;
    if (found) for (const group of found) this.rows.push([group, this.row(group, 1, group.name)]);
    else for (const child of this.root.children) this.add(child, 1);
    this.element.replaceChildren(...this.rows.map(([, row]) => row));
    if (!this.rows.length) this.element.append(make("p", { class: "empty" }, "No module has this in its name."));
    const again = this.rows.findIndex(([group]) => group === current);
    this.moveTo(again < 0 ? 0 : again, hadFocus);
  }

  private found(): Group[] {
    const matches: [number, Group][] = [];
    for (const group of below(this.root)) {
      if (!group.module || this.hidden.has(group.module.status)) continue;
      const name = group.name.toLowerCase();
      const where = name.indexOf(this.query);
      if (where < 0) continue;
      const last = name.slice(name.lastIndexOf(".") + 1);
      const rank = name === this.query ? 0 : last === this.query ? 1 : last.startsWith(this.query) ? 2 : 3;
      matches.push([rank, group]);
    }
    matches.sort((a, b) => a[0] - b[0] || a[1].name.length - b[1].name.length || (a[1].name < b[1].name ? -1 : 1));
    return matches.slice(0, MOST_FOUND).map(([, group]) => group);
  }

  private add(group: Group, level: number): void {
    if (![...group.counts.keys()].some((status) => !this.hidden.has(status))) return;
    this.rows.push([group, this.row(group, level, group.label)]);
    if (isGroup(group) && this.open.has(group)) for (const child of group.children) this.add(child, level + 1);
  }

  private row(group: Group, level: number, text: string): HTMLElement {
    const isFolder = isGroup(group);
    const status = group.module?.status ?? mainStatus(group);
    const colour = this.closure.document.colours[status] ?? "#66707a";
    const broken = group.counts.get("broken") ?? 0;
    const meaning = STATUSES.find(([name]) => name === status)?.[2] ?? status;
    const row = make(
      "div",
      {
        class: isFolder ? "row folder" : "row",
        role: "treeitem",
        tabindex: -1,
        "aria-level": level,
        "aria-selected": String(group.module?.name === this.selected && this.selected !== null),
        "aria-expanded": isFolder ? String(this.open.has(group)) : null,
        "aria-label": isFolder
          ? `${group.name}, ${group.size} modules${broken ? `, ${broken} broken` : ""}`
          : `${group.name}, ${status}${group.module?.is_root ? ", saved by the package" : ""}`,
        title: isFolder ? group.name : `${group.name}: ${status}, ${meaning}`,
        click: () => this.choose(group),
      },
      isFolder ? make("span", { class: "twist", "aria-hidden": "true" }) : badge(letterOf(status), status, colour),
      make("span", { class: group.module?.is_root ? "name root" : "name" }, text),
      isFolder && broken ? make("span", { class: "broken" }, `${broken} !`) : null,
      isFolder ? make("span", { class: "count" }, String(group.size)) : null,
    );
    row.style.setProperty("--level", String(level));
    return row;
  }

  private choose(group: Group): void {
    const index = this.rows.findIndex(([other]) => other === group);
    this.moveTo(index, true);
    if (isGroup(group)) this.events.toggle(group);
    else this.events.choose(group);
  }

  private moveTo(index: number, takesFocus: boolean): void {
    this.rows[this.at]?.[1].setAttribute("tabindex", "-1");
    this.at = Math.max(0, Math.min(index, this.rows.length - 1));
    const row = this.rows[this.at]?.[1];
    row?.setAttribute("tabindex", "0");
    if (takesFocus) row?.focus();
    if (row && this.selected !== null) row.scrollIntoView({ block: "nearest" });
  }

  private onKey(event: KeyboardEvent): void {
    const group = this.rows[this.at]?.[0];
    if (!group || event.ctrlKey || event.metaKey || event.altKey) return;
    const isOpen = this.open.has(group);
    switch (event.key) {
      case "ArrowDown":
        this.moveTo(this.at + 1, true);
        break;
      case "ArrowUp":
        this.moveTo(this.at - 1, true);
        break;
      case "Home":
        this.moveTo(0, true);
        break;
      case "End":
        this.moveTo(this.rows.length - 1, true);
        break;
      case "ArrowRight":
        if (isGroup(group) && !isOpen) this.events.toggle(group);
        else if (isGroup(group)) this.moveTo(this.at + 1, true);
        break;
      case "ArrowLeft":
        if (isGroup(group) && isOpen && !this.query) this.events.toggle(group);
        else this.moveTo(this.rows.findIndex(([other]) => other === group.parent), true);
        break;
      case "Enter":
      case " ":
        this.choose(group);
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}
