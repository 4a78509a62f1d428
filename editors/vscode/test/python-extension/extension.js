// Says what TPKG_TEST_SELECTED says, and lets a test select something else.
const vscode = require("vscode");

const changed = new vscode.EventEmitter();
let selected = process.env.TPKG_TEST_SELECTED ?? "";

exports.activate = () => ({
  ready: Promise.resolve(),
  environments: {
    getActiveEnvironmentPath: () => ({ id: selected, path: selected }),
    resolveEnvironment: async ({ path }) => (path ? { id: path, path, executable: { uri: vscode.Uri.file(path) } } : undefined),
    onDidChangeActiveEnvironmentPath: changed.event,
  },
  select(path) {
    selected = path;
    changed.fire({ id: path, path });
  },
});
