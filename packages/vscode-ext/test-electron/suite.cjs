// Runs inside the extension host of a VS Code that was started for tests (run.mjs): VS Code loads this file and calls
// run(). CommonJS, since that is what every version loads. Each test's result goes to the file LOWBIT_TEST_REPORT.

const assert = require("node:assert/strict");
const { existsSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const vscode = require("vscode");

const ID = "lowbit.lowbit-vscode";
const VIEW_TYPE = "lowbit.model";
const PATIENCE = 30_000;

/** The bundled model, from the sources of the extension under test. */
function bundledModel(file = "model.safetensors") {
  const { extensionPath } = vscode.extensions.getExtension(ID);
  const path = join(extensionPath, "..", "..", "examples", "tiny-llama", file);
  assert.ok(existsSync(path), `${path} is missing`);
  return vscode.Uri.file(path);
}

function customTabs() {
  return vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter((tab) => tab.input instanceof vscode.TabInputCustom && tab.input.viewType === VIEW_TYPE);
}

async function until(what, holds) {
  for (const deadline = Date.now() + PATIENCE; !holds(); ) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${PATIENCE} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const tests = {
  "activates in a few milliseconds": async () => {
    const extension = vscode.extensions.getExtension(ID);
    assert.ok(extension, `${ID} is not installed`);
    const { activationMilliseconds } = await extension.activate();
    assert.ok(extension.isActive);
    assert.equal(typeof activationMilliseconds, "number");
  },
  "registers every command of its manifest": async () => {
    const { packageJSON } = vscode.extensions.getExtension(ID);
    const known = new Set(await vscode.commands.getCommands(true));
    const declared = packageJSON.contributes.commands.map(({ command }) => command);
    assert.ok(declared.length > 10);
    assert.deepEqual(
      declared.filter((command) => !known.has(command)),
      [],
    );
  },
  "has the settings of its manifest, at their defaults": () => {
    const { packageJSON } = vscode.extensions.getExtension(ID);
    for (const [name, { default: expected }] of Object.entries(packageJSON.contributes.configuration.properties))
      assert.equal(vscode.workspace.getConfiguration().inspect(name)?.defaultValue, expected, name);
  },
  "opens a .safetensors file in its editor when nothing is said": async () => {
    await vscode.commands.executeCommand("vscode.open", bundledModel());
    await until("the tab", () => customTabs().some((tab) => tab.isActive && tab.label.includes("model.safetensors")));
  },
  "opens a directory as a model": async () => {
    const before = customTabs().length;
    await vscode.commands.executeCommand("lowbit.openModel", vscode.Uri.joinPath(bundledModel(), ".."));
    await until("the tab", () => customTabs().length === before + 1);
    assert.equal(customTabs().find((tab) => tab.isActive)?.label, "tiny-llama");
  },
  "answers what a model is, through its engine": async () => {
    const api = await vscode.extensions.getExtension(ID).activate();
    const overview = await api.describeModel(bundledModel());
    assert.equal(overview.state, "open");
    assert.equal(overview.storedBitsPerWeight, 16);
  },
  "answers a file that is no model with problems": async () => {
    const api = await vscode.extensions.getExtension(ID).activate();
    const overview = await api.describeModel(bundledModel("config.json"));
    assert.equal(overview.state, "broken");
    assert.ok(overview.problems.length > 0);
  },
  "closes its editors": async () => {
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await until("closing", () => customTabs().length === 0);
  },
};

exports.run = async () => {
  const results = [];
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test();
      results.push({ name });
    } catch (error) {
      results.push({ name, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  }
  writeFileSync(process.env.LOWBIT_TEST_REPORT, JSON.stringify(results));
  const failed = results.filter(({ failure }) => failure !== undefined);
  if (failed.length > 0) throw new Error(`${failed.length} of ${results.length} tests failed`);
};
