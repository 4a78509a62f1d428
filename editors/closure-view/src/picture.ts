// The picture: discs and plain lines by sigma (WebGL), and a canvas above for names, marks and what is highlighted.
import Graph from "graphology";
import Sigma from "sigma";
import { type Closure, type Import, letterOf } from "./data";
import { below, type Group, isGroup, mainStatus } from "./groups";
import { faded, mixed, readTheme, type Theme } from "./theme";

export interface Highlight {
  selected: string | null;
  path: Import[];
  imports: Import[];
  importers: Import[];
}

export interface PictureEvents {
  choose(group: Group | null): void;
  toggle(group: Group): void;
}

const LARGEST_DISC = 34;
const MOST_ARROWS = 400;
const NOTHING: Highlight = { selected: null, path: [], imports: [], importers: [] };

export class Picture {
  private readonly graph = new Graph({ type: "directed" });
  private readonly sigma: Sigma;
  private readonly under = document.createElement("canvas");
  private readonly over = document.createElement("canvas");
  /** What stands for each module now: itself, or the outermost closed group around it. */
  private readonly standIn = new Map<string, Group>();
  private readonly byKey = new Map<string, Group>();
  private readonly leaves = new Map<string, Group>();
  private highlight = NOTHING;
  private involved = new Set<string>();
  private hovered: string | null = null;
  private theme: Theme;
  private edgeColour = "#888";
  /** Few lines are drawn as arrows, many as thin lines. */
  private hasArrows = false;

  constructor(
    private readonly stage: HTMLElement,
    private readonly closure: Closure,
    private readonly root: Group,
    private readonly open: Set<Group>,
    private readonly hidden: Set<string>,
    events: PictureEvents,
  ) {
    this.theme = readTheme(stage);
    for (const at of below(root)) if (at.module) this.leaves.set(at.module.name, at);
    const middle = document.createElement("div");
    middle.className = "sigma";
    this.under.className = this.over.className = "layer";
    stage.append(this.under, middle, this.over);
    this.sigma = new Sigma(this.graph, middle, {
      allowInvalidContainer: true,
      renderLabels: false,
      itemSizesReference: "positions",
      zoomToSizeRatioFunction: (ratio) => ratio,
      minEdgeThickness: 0.7,
      minCameraRatio: 0.005,
      maxCameraRatio: 2,
      stagePadding: 14,
      defaultDrawNodeHover: () => undefined,
      nodeReducer: (key, data) => this.nodeStyle(key, data),
      edgeReducer: (_, data) => ({ ...data, color: this.edgeColour, hidden: this.hasArrows }),
    });
    this.sigma.setCustomBBox({ x: [0, 1000], y: [0, 1000] });
    this.sigma.on("afterRender", () => this.draw());
    this.sigma.on("clickNode", ({ node }) => events.choose(this.byKey.get(node) ?? null));
    this.sigma.on("clickStage", () => events.choose(null));
    this.sigma.on("doubleClickNode", ({ node, preventSigmaDefault }) => {
      preventSigmaDefault();
      const at = this.byKey.get(node);
      if (at) events.toggle(at);
    });
    this.sigma.on("enterNode", ({ node }) => this.hover(node));
    this.sigma.on("leaveNode", () => this.hover(null));
    this.rebuild();
  }

  /** Take over what is open and hidden. */
  rebuild(): void {
    this.graph.clear();
    this.standIn.clear();
    this.byKey.clear();
    const walk = (at: Group): void => {
      if (!at.module && this.open.has(at)) return at.children.forEach(walk);
      const shown = [...below(at)].filter((inner) => inner.module && !this.hidden.has(inner.module.status));
      if (!shown.length) return;
      const key = keyOf(at);
      this.byKey.set(key, at);
      for (const inner of shown) this.standIn.set(inner.module!.name, at);
      this.graph.addNode(key, { x: at.x, y: at.y, size: at.r, color: "#000" });
    };
    walk(this.root);
    for (const [importer, target] of this.closure.document.edges) {
      const [from, to] = [this.standIn.get(importer), this.standIn.get(target)];
      if (from && to && from !== to) this.graph.mergeEdge(keyOf(from), keyOf(to), { size: 0.5 });
    }
    this.hasArrows = this.graph.size <= MOST_ARROWS;
    this.show(this.highlight);
  }

  show(highlight: Highlight): void {
    this.highlight = highlight;
    const all = [...highlight.path, ...highlight.imports, ...highlight.importers];
    const names = [...(highlight.selected === null ? [] : [highlight.selected]), ...all.flatMap((edge) => [edge.importer, edge.target])];
    // The more lines, the fainter each: a thousand of them still show where they run together.
    const share = Math.min(1, Math.max(0.06, 14 / Math.sqrt(this.graph.size + 1))) * (highlight.selected === null ? 1 : 0.25);
    this.edgeColour = faded(this.theme.edge, share);
    this.involved = new Set(names.flatMap((name) => this.keyFor(name) ?? []));
    this.sigma.refresh();
  }

  retheme(): void {
    this.theme = readTheme(this.stage);
    this.show(this.highlight);
  }

  zoom(factor: number): void {
    const camera = this.sigma.getCamera();
    void camera.animate({ ratio: this.sigma.getCamera().getBoundedRatio(camera.ratio / factor) }, { duration: 150 });
  }

  pan(x: number, y: number): void {
    const camera = this.sigma.getCamera();
    void camera.animate({ x: camera.x + x * camera.ratio, y: camera.y + y * camera.ratio }, { duration: 100 });
  }

  fit(): void {
    void this.sigma.getCamera().animate({ x: 0.5, y: 0.5, ratio: 1, angle: 0 }, { duration: 200 });
  }

  /** Bring discs before the eyes, with a margin around them. */
  focus(discs: Group[]): void {
    const left = Math.min(...discs.map((at) => at.x - at.r));
    const right = Math.max(...discs.map((at) => at.x + at.r));
    const low = Math.min(...discs.map((at) => at.y - at.r));
    const high = Math.max(...discs.map((at) => at.y + at.r));
    const { width, height } = this.sigma.getDimensions();
    // The whole of 1000 units fills the smaller side of the stage.
    const least = Math.min(width, height);
    const all = Math.max(((right - left) * least) / width, ((high - low) * least) / height) / 1000 / 0.8;
    // No nearer than where the discs have a size to read: what is around them tells more than their size.
    const leaves = discs.filter((at) => !isGroup(at)).map((at) => at.r);
    const ratio = leaves.length ? Math.max(all, (Math.min(...leaves) * least) / 1000 / LARGEST_DISC) : all;
    const { x, y } = this.sigma.viewportToFramedGraph(this.sigma.graphToViewport({ x: (left + right) / 2, y: (low + high) / 2 }));
    void this.sigma.getCamera().animate({ x, y, ratio: Math.min(1, Math.max(0.01, ratio)), angle: 0 }, { duration: 250 });
  }

  /** The discs that stand for modules now. */
  discsOf(names: string[]): Group[] {
    return names.flatMap((name) => this.standIn.get(name) ?? []);
  }

  /** Where a module is drawn in the page, null while it is hidden. */
  positionOf(name: string): { x: number; y: number } | null {
    const at = this.standIn.get(name);
    if (!at) return null;
    const { x, y } = this.sigma.graphToViewport({ x: at.x, y: at.y });
    const box = this.stage.getBoundingClientRect();
    return { x: box.x + x, y: box.y + y };
  }

  get shown(): number {
    return this.graph.order;
  }

  private keyFor(name: string): string[] | undefined {
    const at = this.standIn.get(name);
    return at && [keyOf(at)];
  }

  private hover(key: string | null): void {
    this.hovered = key;
    this.stage.classList.toggle("over-node", key !== null);
    this.draw();
  }

  private nodeStyle(key: string, data: Record<string, unknown>): Record<string, unknown> {
    const at = this.byKey.get(key);
    if (!at) return data;
    const status = at.module?.status ?? mainStatus(at);
    const colour = this.closure.document.colours[status] ?? "#66707a";
    const isFaded = this.highlight.selected !== null && !this.involved.has(key);
    const share = isFaded ? 0.18 : at.module ? 1 : 0.72;
    return { ...data, color: mixed(colour, this.theme.background, share), zIndex: isFaded ? 0 : 1 };
  }

  private draw(): void {
    const { width, height } = this.sigma.getDimensions();
    const pen = prepared(this.over, width, height);
    const ground = prepared(this.under, width, height);
    this.drawGroups(ground);
    if (this.hasArrows) {
      ground.globalAlpha = this.highlight.selected === null ? 0.8 : 0.15;
      this.graph.forEachEdge((_edge, _data, from, to) => this.arrow(ground, this.byKey.get(from)!, this.byKey.get(to)!, this.theme.line, 1));
    }
    const selected = this.highlight.selected === null ? undefined : this.standIn.get(this.highlight.selected);
    const groupPairs = (edges: Import[]): [Group, Group][] => {
      const pairs = new Map<string, [Group, Group]>();
      for (const edge of edges) {
        const [from, to] = [this.standIn.get(edge.importer), this.standIn.get(edge.target)];
        if (from && to && from !== to) pairs.set(`${keyOf(from)} ${keyOf(to)}`, [from, to]);
      }
      return [...pairs.values()];
    };
    for (const [from, to] of groupPairs(this.highlight.importers)) this.arrow(pen, from, to, this.theme.importers, 1.2);
    for (const [from, to] of groupPairs(this.highlight.imports)) this.arrow(pen, from, to, this.theme.imports, 1.2);
    for (const [from, to] of groupPairs(this.highlight.path)) this.arrow(pen, from, to, this.theme.path, 3);
    const onPath = new Set(this.highlight.path.flatMap((edge) => [edge.importer, edge.target]).map((name) => this.standIn.get(name)));
    for (const [key, at] of this.byKey) this.mark(pen, key, at, at === selected, onPath.has(at));
    this.drawNames(pen, selected, onPath);
  }

  private drawGroups(pen: CanvasRenderingContext2D): void {
    for (const at of this.open) {
      if (at === this.root || !this.isOnStage(at) || !at.parent || !this.isUnfolded(at.parent)) continue;
      const { x, y, r } = this.place(at);
      pen.beginPath();
      pen.arc(x, y, r, 0, 2 * Math.PI);
      pen.globalAlpha = 0.07;
      pen.fillStyle = this.theme.group;
      pen.fill();
      pen.globalAlpha = r > 25 ? 0.45 : 0.2;
      pen.strokeStyle = this.theme.group;
      pen.stroke();
      pen.globalAlpha = 1;
    }
  }

  private isUnfolded(at: Group): boolean {
    return this.open.has(at) && (!at.parent || this.isUnfolded(at.parent));
  }

  private mark(pen: CanvasRenderingContext2D, key: string, at: Group, isSelected: boolean, isOnPath: boolean): void {
    if (!this.isOnStage(at)) return;
    const { x, y, r } = this.place(at);
    const isFaded = this.highlight.selected !== null && !this.involved.has(key);
    pen.globalAlpha = isFaded ? 0.35 : 1;
    const broken = at.counts.get("broken") ?? 0;
    const roots = at.module?.is_root ?? false;
    if (isSelected || isOnPath || roots || broken) {
      pen.beginPath();
      pen.arc(x, y, r + 2.5, 0, 2 * Math.PI);
      pen.lineWidth = isSelected ? 4 : 2;
      pen.strokeStyle = isSelected || isOnPath ? this.theme.path : roots ? this.theme.text : this.theme.error;
      pen.setLineDash(broken && !isSelected && !isOnPath ? [4, 3] : []);
      pen.stroke();
      pen.setLineDash([]);
    }
    if (at.module && r > 6) {
      pen.fillStyle = "#fff";
      pen.font = `600 ${Math.min(22, Math.max(8, r * 0.8))}px ${this.theme.font}`;
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.fillText(letterOf(at.module.status), x, y + 0.5);
    }
    pen.globalAlpha = 1;
  }

  private drawNames(pen: CanvasRenderingContext2D, selected: Group | undefined, onPath: Set<Group | undefined>): void {
    const { width } = this.sigma.getDimensions();
    const taken: [number, number, number, number][] = [];
    const hovered = this.hovered === null ? undefined : this.byKey.get(this.hovered);
    const write = (text: string, x: number, y: number, size: number, isCertain: boolean, weight = 500, colour = this.theme.text): boolean => {
      pen.font = `${weight} ${size}px ${this.theme.font}`;
      const half = pen.measureText(text).width / 2 + 2;
      x = Math.min(Math.max(x, half), width - half);
      const box: [number, number, number, number] = [x - half, y - size * 0.6, x + half, y + size * 0.6];
      if (!isCertain && taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) return false;
      taken.push(box);
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.lineJoin = "round";
      pen.lineWidth = 4;
      pen.strokeStyle = this.theme.background;
      pen.strokeText(text, x, y);
      pen.fillStyle = colour;
      pen.fillText(text, x, y);
      return true;
    };
    const below = (at: Group, isCertain: boolean, isFull = isCertain): void => {
      const { x, y, r } = this.place(at);
      if (isGroup(at)) {
        const broken = at.counts.get("broken") ?? 0;
        if (!write(at.label, x, y, 12, isCertain, 600) || r < 16) return;
        const text = `${at.size} modules${broken ? `, ${broken} !` : ""}`;
        write(text, x, y + 14, 11, isCertain, 400, broken ? this.theme.error : this.theme.text);
      } else {
        write(isFull && !at.name.startsWith("<") ? at.name : at.label, x, y + r + 10, 12, isCertain, at.module?.is_root ? 700 : 500);
      }
    };
    for (const at of new Set([hovered, selected])) if (at && this.isOnStage(at)) below(at, true);
    for (const at of onPath) if (at && at !== hovered && at !== selected && this.isOnStage(at)) below(at, false, true);
    const groups = [...this.open].filter((at) => at !== this.root && at.parent && this.isUnfolded(at.parent));
    for (const at of groups) {
      const { x, y, r } = this.place(at);
      if (r > 34 && this.isOnStage(at)) write(at.label, x, y - r, 12, false, 600, this.theme.quiet);
    }
    const rest = [...this.byKey].filter(([key]) => this.highlight.selected === null || this.involved.has(key)).map(([, at]) => at);
    const least = this.highlight.selected === null ? 13 : 4;
    for (const at of rest.sort((a, b) => b.r - a.r)) {
      if (this.place(at).r > least && this.isOnStage(at) && at !== hovered && at !== selected && !onPath.has(at)) below(at, false);
    }
  }

  private arrow(pen: CanvasRenderingContext2D, from: Group, to: Group, colour: string, width: number): void {
    const [a, b] = [this.place(from), this.place(to)];
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const far = Math.hypot(dx, dy);
    if (far < 1) return;
    // A bow to one side keeps two arrows of opposite directions apart.
    const bow = Math.min(60, far * 0.14);
    const middle = { x: (a.x + b.x) / 2 - (dy / far) * bow, y: (a.y + b.y) / 2 + (dx / far) * bow };
    const trim = (end: { x: number; y: number; r: number }): { x: number; y: number } => {
      const away = Math.hypot(middle.x - end.x, middle.y - end.y) || 1;
      return { x: end.x + ((middle.x - end.x) / away) * (end.r + 3), y: end.y + ((middle.y - end.y) / away) * (end.r + 3) };
    };
    const [start, end] = [trim(a), trim(b)];
    pen.strokeStyle = pen.fillStyle = colour;
    pen.lineWidth = width;
    pen.beginPath();
    pen.moveTo(start.x, start.y);
    pen.quadraticCurveTo(middle.x, middle.y, end.x, end.y);
    pen.stroke();
    const angle = Math.atan2(end.y - middle.y, end.x - middle.x);
    const size = 5 + width * 1.5;
    pen.beginPath();
    pen.moveTo(end.x + 2 * Math.cos(angle), end.y + 2 * Math.sin(angle));
    for (const side of [-0.45, 0.45]) pen.lineTo(end.x - size * Math.cos(angle + side), end.y - size * Math.sin(angle + side));
    pen.fill();
  }

  private place(at: Group): { x: number; y: number; r: number } {
    return { ...this.sigma.graphToViewport({ x: at.x, y: at.y }), r: this.sigma.scaleSize(at.r) };
  }

  private isOnStage(at: Group): boolean {
    const { width, height } = this.sigma.getDimensions();
    const { x, y, r } = this.place(at);
    return x + r > 0 && y + r > 0 && x - r < width && y - r < height;
  }
}

const keyOf = (at: Group): string => (at.module ? `m ${at.name}` : `g ${at.name}`);

function prepared(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  const scale = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  const pen = canvas.getContext("2d")!;
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  return pen;
}
