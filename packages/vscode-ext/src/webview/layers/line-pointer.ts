import type { LayerLine } from "../../protocol/layer-messages.js";

/** What a pointer asks of the list. */
export interface LinePointerTarget {
  lineAt(line: number): LayerLine | undefined;
  moveTo(line: number, isExtending: boolean): void;
  toggle(line: number): void;
  open(line: number): void;
  /** Text of a tool tip for a cell. */
  tipOf(cell: HTMLElement, line: LayerLine): string;
}

export interface LinePointerListeners {
  onPointerDown(event: MouseEvent): void;
  onClick(event: MouseEvent): void;
  onDoubleClick(event: MouseEvent): void;
  onPointerOver(event: PointerEvent): void;
}

/** A press chooses a line, a click on the twistie folds it, on the name opens it; a double click does so anywhere. */
export function linePointer(target: LinePointerTarget): LinePointerListeners {
  return {
    onPointerDown(event) {
      const line = lineUnder(event);
      if (line === undefined || event.button !== 0) return;
      // The browser would focus the row by itself, and select text with Shift.
      event.preventDefault();
      target.moveTo(line, event.shiftKey);
    },
    onClick(event) {
      const line = lineUnder(event);
      if (line === undefined) return;
      const clicked = event.target as HTMLElement;
      if (clicked.closest(".layers-twistie") !== null) target.toggle(line);
      else if (clicked.closest(".layers-label") !== null && !isModule(line) && !event.shiftKey) target.open(line);
    },
    onDoubleClick(event) {
      const line = lineUnder(event);
      if (line === undefined || (event.target as HTMLElement).closest(".layers-twistie") !== null) return;
      if (isModule(line)) target.toggle(line);
      else target.open(line);
    },
    // Tool tips only where the pointer is: attributes cost while scrolling.
    onPointerOver(event) {
      const cell = (event.target as HTMLElement).closest<HTMLElement>(".layers-body .layers-cell");
      const line = lineUnder(event);
      if (cell === null || line === undefined) return;
      const at = target.lineAt(line);
      cell.title = at === undefined ? "" : target.tipOf(cell, at);
    },
  };

  function isModule(line: number): boolean {
    return target.lineAt(line)?.kind === "module";
  }
}

function lineUnder(event: MouseEvent): number | undefined {
  const row = (event.target as HTMLElement).closest<HTMLElement>("[data-line]");
  return row === null ? undefined : Number(row.dataset["line"]);
}
