// The difference between a page in a browser and a web view of VS Code: how a file is opened, and who is told.

interface VsCode {
  postMessage(message: unknown): void;
}

declare function acquireVsCodeApi(): VsCode;

const vscode = typeof acquireVsCodeApi === "function" ? acquireVsCodeApi() : null;

/** A link that opens a file at a line: by the editor's address in a browser, by a message in a web view. */
export function fileLink(text: string, path: string, line: number): HTMLAnchorElement {
  const link = document.createElement("a");
  link.textContent = text;
  link.className = "file";
  link.title = `Open ${path}${line ? `:${line}` : ""}`;
  link.href = `vscode://file/${encodeURI(path.replace(/^\//, ""))}${line ? `:${line}` : ""}`;
  if (vscode) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      // The editor's own listener on the document would open the address as well, which is that of a browser.
      event.stopPropagation();
      vscode.postMessage({ type: "open", path, line: line || 1 });
    });
  }
  return link;
}

/** Tell the editor that a module was chosen. */
export function announce(module: string | null): void {
  vscode?.postMessage({ type: "selected", module });
}

/** Call back when the editor or the system changes its colours. */
export function onTheme(changed: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  const observer = new MutationObserver(changed);
  observer.observe(document.body, { attributes: true, attributeFilter: ["class"] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["style"] });
}
