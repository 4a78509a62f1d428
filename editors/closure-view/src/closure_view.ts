// The view: a bar with search and legend, the list, the picture, and the panel; one state that all four show.
import { Closure, type Document, letterOf, STATUSES } from "./data";
import { badge, counted, make } from "./elements";
import { below, type Group, groupsOf, isGroup, openAtFirst } from "./groups";
import { announce, onTheme } from "./host";
import { List } from "./list";
import { details, overview } from "./panel";
import { Picture } from "./picture";

class View {
  private readonly closure: Closure;
  private readonly root: Group;
  private readonly open: Set<Group>;
  private readonly hidden = new Set<string>();
  private readonly leaves = new Map<string, Group>();
  private readonly list: List;
  private readonly picture: Picture | null;
  private readonly panel = make("aside", { class: "panel", "aria-label": "About the package" });
  private readonly status = make("div", { class: "sr-only", role: "status", "aria-live": "polite" });
  private readonly stage = make("div", { class: "stage", tabindex: 0, role: "img" });
  private readonly found = make("span", { class: "found" });
  private selected: string | null = null;

  constructor(page: HTMLElement, document_: Document) {
    this.closure = new Closure(document_);
    this.root = groupsOf(this.closure);
    this.open = openAtFirst(this.root);
    for (const at of below(this.root)) if (at.module) this.leaves.set(at.module.name, at);
    this.list = new List(this.closure, this.root, this.open, this.hidden, {
      choose: (at) => this.select(at.module?.name ?? null, true),
      toggle: (at) => this.toggle(at, true),
    });
    const search = make("input", {
      type: "search",
      placeholder: "Search modules  ( / )",
      "aria-label": "Search modules",
      spellcheck: "false",
      input: () => this.search(search.value),
      keydown: (event: KeyboardEvent) => {
        if (event.key === "ArrowDown") this.list.focusFirst();
        else if (event.key === "Enter") this.list.chooseFirst();
        else return;
        event.preventDefault();
      },
    });
    const bar = make("header", { class: "bar" }, make("h1", {}, document_.package), this.legend());
    const finder = make("nav", { class: "finder", "aria-label": "Modules" }, make("div", { class: "search" }, search, this.found), this.list.element);
    page.append(bar, make("main", {}, finder, this.stage, this.panel), this.status);
    this.stage.setAttribute("aria-label", `Picture of package ${document_.package}: arrow keys move it, plus and minus zoom, the list of modules says the same in words`);
    this.picture = this.drawn();
    this.stage.append(this.controls());
    this.showPanel();
    onTheme(() => this.picture?.retheme());
    document.addEventListener("keydown", (event) => this.onKey(event, search));
    window.addEventListener("message", (event: MessageEvent<{ type?: string; module?: string }>) => {
      if (event.data?.type === "select" && event.data.module) this.select(event.data.module, true);
    });
  }

  select(name: string | null, brings = false): void {
    if (name !== null && !this.leaves.has(name)) return;
    this.selected = name;
    if (name !== null) this.uncover(name);
    this.list.select(name);
    this.showPanel();
    this.picture?.show({
      selected: name,
      path: name === null ? [] : this.closure.why(name),
      imports: name === null ? [] : (this.closure.imports.get(name) ?? []),
      importers: name === null ? [] : (this.closure.importers.get(name) ?? []),
    });
    if (name !== null && brings) this.bring(name);
    this.status.textContent = name === null ? "Nothing is chosen" : `${name}, ${this.closure.modules.get(name)?.status}, ${counted(this.closure.why(name).length, "import")} away from what is saved`;
    announce(name);
  }

  positionOf(name: string): { x: number; y: number } | null {
    return this.picture?.positionOf(name) ?? null;
  }

  get shown(): number {
    return this.picture?.shown ?? 0;
  }

  private drawn(): Picture | null {
    try {
      return new Picture(this.stage, this.closure, this.root, this.open, this.hidden, {
        choose: (at) => (at && isGroup(at) ? this.toggle(at) : this.select(at?.module?.name ?? null)),
        toggle: (at) => isGroup(at) && this.toggle(at),
      });
    } catch (error) {
      // Without WebGL there is no picture; the list and the panel say all of it in words.
      this.stage.append(make("p", { class: "no-picture" }, `The picture cannot be drawn here (${error instanceof Error ? error.message : String(error)}). The list of modules is complete.`));
      return null;
    }
  }

  private legend(): HTMLElement {
    const chips = STATUSES.flatMap(([status, , meaning]) => {
      const count = this.closure.document.nodes.filter((module) => module.status === status).length;
      if (!count) return [];
      const chip = make(
        "button",
        { class: "chip", type: "button", "aria-pressed": "true", "data-status": status, title: `${meaning}; click to hide or show`, click: () => this.filter(status, chip) },
        badge(letterOf(status), status, this.closure.document.colours[status] ?? "#66707a"),
        status,
        make("span", { class: "count" }, count.toLocaleString("en")),
      );
      return [chip];
    });
    return make("div", { class: "legend", role: "group", "aria-label": "Show modules by what happens to them" }, ...chips);
  }

  private controls(): HTMLElement {
    const button = (text: string, title: string, click: () => void): HTMLElement => make("button", { type: "button", title, "aria-label": title, click }, text);
    const all = [...below(this.root)].filter(isGroup);
    return make(
      "div",
      { class: "controls" },
      button("+", "Zoom in (+)", () => this.picture?.zoom(1.6)),
      button("\u2212", "Zoom out (-)", () => this.picture?.zoom(1 / 1.6)),
      button("Fit", "Show everything (0)", () => this.picture?.fit()),
      button("Open all", "Open all packages", () => this.setOpen(all)),
      button("Close all", "Close all packages", () => this.setOpen([this.root])),
    );
  }

  private filter(status: string, chip: HTMLElement): void {
    if (!this.hidden.delete(status)) this.hidden.add(status);
    chip.setAttribute("aria-pressed", String(!this.hidden.has(status)));
    this.refresh();
  }

  private search(query: string): void {
    const number = this.list.search(query);
    this.found.textContent = query.trim() ? `${number} found` : "";
    this.status.textContent = this.found.textContent;
  }

  private toggle(at: Group, brings = false): void {
    if (!this.open.delete(at)) this.open.add(at);
    this.refresh();
    if (this.open.has(at) && (brings || at.r < 120)) this.picture?.focus([at]);
  }

  private setOpen(groups: Group[]): void {
    this.open.clear();
    for (const at of [this.root, ...groups]) this.open.add(at);
    this.refresh();
    this.picture?.fit();
  }

  private refresh(): void {
    this.list.rebuild();
    this.picture?.rebuild();
  }

  /** Open the packages around a module, and show its kind again. */
  private uncover(name: string): void {
    const leaf = this.leaves.get(name);
    let changed = false;
    for (let at = leaf?.parent; at; at = at.parent) {
      if (!this.open.has(at)) changed = Boolean(this.open.add(at));
    }
    const status = this.closure.modules.get(name)?.status ?? "";
    if (this.hidden.delete(status)) {
      changed = true;
      document.querySelector(`.chip[data-status="${status}"]`)?.setAttribute("aria-pressed", "true");
    }
    if (changed) this.refresh();
  }

  /** Show the module with the whole way to it, so that one sees where both are. */
  private bring(name: string): void {
    const way = this.closure.why(name).flatMap((edge) => [edge.importer, edge.target]);
    const discs = this.picture?.discsOf([name, ...way]) ?? [];
    if (discs.length) this.picture?.focus(discs);
  }

  private showPanel(): void {
    const choose = (name: string): void => this.select(name, true);
    const nodes = this.selected === null ? overview(this.closure, choose) : details(this.closure, this.selected, choose, () => this.select(null));
    this.panel.replaceChildren(...nodes);
    this.panel.scrollTop = 0;
  }

  private onKey(event: KeyboardEvent, search: HTMLInputElement): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      if (search.value) {
        search.value = "";
        this.search("");
      } else this.select(null);
      return;
    }
    if (event.target instanceof HTMLInputElement) return;
    const steps: Record<string, () => void> = {
      "/": () => search.focus(),
      "+": () => this.picture?.zoom(1.6),
      "=": () => this.picture?.zoom(1.6),
      "-": () => this.picture?.zoom(1 / 1.6),
      "0": () => this.picture?.fit(),
    };
    if (event.target === this.stage) {
      Object.assign(steps, {
        ArrowLeft: () => this.picture?.pan(-0.1, 0),
        ArrowRight: () => this.picture?.pan(0.1, 0),
        ArrowUp: () => this.picture?.pan(0, 0.1),
        ArrowDown: () => this.picture?.pan(0, -0.1),
      });
    }
    const step = steps[event.key];
    if (!step) return;
    step();
    event.preventDefault();
  }
}

const page = document.getElementById("closure-view");
const data = document.getElementById("closure-data");
if (page && data) Object.assign(window, { closureView: new View(page, JSON.parse(data.textContent ?? "{}") as Document) });
