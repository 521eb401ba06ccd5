import { beforeEach, describe, expect, it } from "vitest";
import { createFakePanel, type FakePanel } from "./fake-panel.fixture.js";
import type { ModelDocument } from "./model-document.js";
import { OpenEditors } from "./open-editors.js";
import { StatusBar } from "./status-bar.js";
import { desk, resetDesk } from "./vscode.fixture.js";

function open(editors: OpenEditors, name: string): { document: ModelDocument; panel: FakePanel } {
  const panel = createFakePanel();
  const document = { name } as ModelDocument;
  editors.add({ document, panel: panel.panel, show: () => {} });
  return { document, panel };
}

const shown = (): string => (desk.statusBar?.isShown ? desk.statusBar.text : "hidden");

describe("StatusBar", () => {
  beforeEach(resetDesk);

  it("shows the model in front, once it is known", () => {
    const editors = new OpenEditors();
    const bar = new StatusBar(editors);
    const { document, panel } = open(editors, "a");
    expect(shown()).toBe("hidden");
    bar.note(document, { fileBytes: 2 ** 30, storedBitsPerWeight: 4.5 });
    expect(shown()).toBe("$(symbol-array) 1.00 GiB · 4.5 bpw");
    panel.setVisible(false);
    editors.noteActive();
    expect(shown()).toBe("hidden");
    const other = open(editors, "b");
    expect(shown()).toBe("hidden");
    bar.note(other.document, { fileBytes: 10 });
    expect(shown()).toBe("$(symbol-array) 10 B");
  });

  it("shows nothing of a model that can no longer be read", () => {
    const editors = new OpenEditors();
    const bar = new StatusBar(editors);
    const { document } = open(editors, "a");
    bar.note(document, { fileBytes: 10 });
    bar.note(document, undefined);
    expect(shown()).toBe("hidden");
  });
});
