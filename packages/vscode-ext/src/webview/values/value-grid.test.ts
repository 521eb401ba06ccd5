// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import type { MatrixWindow } from "../../protocol/tensor-messages.js";
import { createValueGrid } from "./value-grid.js";
import type { ValueStore } from "./value-store.js";

const SIZE = { rows: 100, columns: 40 };

function harness() {
  const container = document.createElement("div");
  document.body.replaceChildren(container);
  const loaded: MatrixWindow[] = [];
  const store: ValueStore = {
    peek: (row, column) => ({ value: row * 100 + column }),
    has: () => loaded.length > 0,
    load: async (window) => {
      loaded.push(window);
    },
    dispose: () => {},
  };
  const onCursor = vi.fn();
  const copied: string[] = [];
  const grid = createValueGrid(container, {
    announce: () => {},
    onCursor,
    copy: async (text) => void copied.push(text),
  });
  grid.update({ size: SIZE, store, threshold: 205, label: "Values" });
  const press = (key: string, keys: object = {}) =>
    container
      .querySelector('[role="grid"]')!
      .dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...keys }));
  const selected = () => {
    const cell = container.querySelector<HTMLElement>('td[aria-selected="true"]');
    return cell === null ? undefined : `${cell.dataset["row"]},${cell.dataset["column"]}`;
  };
  return { container, grid, onCursor, copied, press, selected, loaded };
}

describe("createValueGrid", () => {
  it("is a grid that tells its whole size, with one cell in the order of tabs", () => {
    const { container } = harness();
    const grid = container.querySelector('[role="grid"]')!;
    expect([grid.getAttribute("aria-rowcount"), grid.getAttribute("aria-colcount")]).toEqual(["101", "41"]);
    expect(container.querySelectorAll('[role="gridcell"]')).toHaveLength(64 * 16);
    expect(container.querySelectorAll('[role="gridcell"][tabindex="0"]')).toHaveLength(1);
  });

  it("moves by keys, also over the border of what is shown, and takes the focus along", () => {
    const { container, onCursor, press, selected } = harness();
    press("ArrowDown");
    expect([selected(), onCursor.mock.calls]).toEqual(["1,0", [[{ row: 1, column: 0 }]]]);
    press("End", { ctrlKey: true });
    expect(selected()).toBe("99,39");
    expect((document.activeElement as HTMLElement).dataset["row"]).toBe("99");
    expect(container.querySelector('[role="gridcell"]')!.textContent?.trim()).toBe("6432");
  });

  it("marks outliers with more than a colour", () => {
    const { container } = harness();
    const outlier = container.querySelector('td[data-row="2"][data-column="6"]')!;
    expect([outlier.className, outlier.getAttribute("aria-label")]).toEqual(["is-outlier", "206, outlier"]);
    expect(container.querySelector('td[data-row="2"][data-column="5"]')!.className).toBe("");
  });

  it("copies what is shown", async () => {
    const { copied, press } = harness();
    press("c", { ctrlKey: true });
    await Promise.resolve();
    expect(copied[0]!.split("\n")).toHaveLength(66);
    expect(copied[0]!.split("\n")[1]!.split("\t").slice(0, 3)).toEqual(["0", "0", "1"]);
  });

  it("follows another view's cursor and window", () => {
    const { container, grid, onCursor, selected } = harness();
    grid.setCursor({ row: 70, column: 20 });
    expect(selected()).toBe("70,20");
    grid.reveal({ row: 60, rows: 20, column: 15, columns: 10 });
    expect(selected()).toBe("70,20");
    grid.reveal({ row: 0, rows: 20, column: 0, columns: 10 });
    expect(selected()).toBeUndefined();
    expect(container.querySelector('[role="gridcell"]')!.textContent?.trim()).toBe("0");
    expect(onCursor).not.toHaveBeenCalled();
  });
});
