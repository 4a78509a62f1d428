// The colours of the picture, read from the style: a canvas knows no variables.

export interface Theme {
  background: string;
  text: string;
  quiet: string;
  edge: string;
  line: string;
  path: string;
  imports: string;
  importers: string;
  error: string;
  group: string;
  font: string;
}

const NAMES: Record<Exclude<keyof Theme, "font">, string> = {
  background: "--background",
  text: "--text",
  quiet: "--quiet",
  edge: "--edge",
  line: "--arrow",
  path: "--path",
  imports: "--imports",
  importers: "--importers",
  error: "--error",
  group: "--group",
};

export function readTheme(element: HTMLElement): Theme {
  const style = getComputedStyle(element);
  const found = Object.entries(NAMES).map(([key, name]) => [key, resolved(element, style.getPropertyValue(name).trim())]);
  return { ...Object.fromEntries(found), font: style.fontFamily } as Theme;
}

/** Mix a colour into the background. */
export function mixed(colour: string, background: string, share: number): string {
  const [one, other] = [channels(colour), channels(background)];
  return `#${one.map((value, at) => Math.round(value * share + (other[at] ?? 0) * (1 - share)).toString(16).padStart(2, "0")).join("")}`;
}

/** Make a colour as transparent as it shall be seen, its channels multiplied by that already, as sigma blends them. */
export const faded = (colour: string, share: number): string => `rgba(${channels(colour).map((value) => Math.round(value * share)).join(",")},${share})`;

function resolved(element: HTMLElement, value: string): string {
  // The browser turns every notation, also variables of the editor, into rgb().
  const probe = document.createElement("span");
  probe.style.color = value;
  element.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

function channels(colour: string): number[] {
  if (colour.startsWith("#")) return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return (colour.match(/[\d.]+/g) ?? ["0", "0", "0"]).slice(0, 3).map(Number);
}
