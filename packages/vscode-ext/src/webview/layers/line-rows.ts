import type { LayerLine, LayerStatistics } from "../../protocol/layer-messages.js";
import { formatCount } from "../format-figures.js";
import { t } from "../texts.js";
import { visibleText } from "../visible-text.js";
import type { LayerColumn } from "./layer-columns.js";

/** What of the list is drawn. */
export interface RowsPicture {
  /** Ascending. Lines on the screen, and the focused one where that is elsewhere: the focus must not go with its row. */
  readonly drawn: readonly { readonly line: number; readonly top: number }[];
  readonly focused: number;
  readonly selection: { readonly first: number; readonly last: number };
  get(line: number): LayerLine | undefined;
  statisticsOf(line: LayerLine): LayerStatistics | undefined;
}

interface Row {
  readonly element: HTMLElement;
  readonly twistie: HTMLElement;
  readonly label: HTMLElement;
  readonly equal: HTMLElement;
  readonly cells: readonly HTMLElement[];
  line: number;
  /** What it shows: nothing is written to the document that stands there already. */
  at: LayerLine | undefined;
  statistics: LayerStatistics | undefined;
}

/**
 * The rows of the tree-table as elements. Scrolling through 500 000 lines reuses the rows that leave the screen for those
 * that come: making elements would cost several times the frame. A template library cannot do this and keep both the
 * order of the document and the focus.
 */
export class LineRows {
  readonly #body: HTMLElement;
  readonly #columns: readonly LayerColumn[];
  readonly #rows = new Map<number, Row>();

  constructor(body: HTMLElement, columns: readonly LayerColumn[]) {
    this.#body = body;
    this.#columns = columns;
  }

  element(line: number): HTMLElement | undefined {
    return this.#rows.get(line)?.element;
  }

  draw(picture: RowsPicture): void {
    const wanted = new Set(picture.drawn.map(({ line }) => line));
    const free: Row[] = [];
    for (const [line, row] of this.#rows) {
      if (wanted.has(line)) continue;
      this.#rows.delete(line);
      free.push(row);
    }
    let next = this.#body.firstElementChild;
    for (const { line, top } of picture.drawn) {
      let row = this.#rows.get(line);
      if (row === undefined) {
        row = free.pop() ?? this.#make();
        row.line = line;
        this.#rows.set(line, row);
        row.element.dataset["line"] = String(line);
        row.element.setAttribute("aria-rowindex", String(line + 2));
        if (row.element !== next) this.#body.insertBefore(row.element, next);
      } else
        while (next !== null && next !== row.element) {
          // Left over from lines that are gone: moved or removed below.
          next = next.nextElementSibling;
        }
      next = row.element.nextElementSibling;
      this.#fill(row, picture);
      row.element.style.top = `${top}px`;
    }
    for (const row of free) row.element.remove();
  }

  #fill(row: Row, picture: RowsPicture): void {
    const { element, line } = row;
    const isSelected = line >= picture.selection.first && line <= picture.selection.last;
    element.tabIndex = line === picture.focused ? 0 : -1;
    element.classList.toggle("is-selected", isSelected);
    setAttribute(element, "aria-selected", String(isSelected));
    const at = picture.get(line);
    const statistics = at === undefined ? undefined : picture.statisticsOf(at);
    if (at === row.at && statistics === row.statistics && element.hasAttribute("aria-level")) return;
    row.at = at;
    row.statistics = statistics;
    element.classList.toggle("is-module", at?.kind === "module");
    element.classList.toggle("is-part", at?.kind === "part");
    setAttribute(element, "data-id", at?.id);
    setAttribute(element, "data-name", at?.name);
    setAttribute(element, "aria-level", String((at?.depth ?? 0) + 1));
    setAttribute(element, "aria-posinset", at === undefined ? undefined : String(at.positionInSet));
    setAttribute(element, "aria-setsize", at === undefined ? undefined : String(at.setSize));
    setAttribute(element, "aria-expanded", at?.canUnfold ? String(at.isUnfolded) : undefined);
    element.style.setProperty("--depth", String(Math.min(at?.depth ?? 0, 24)));
    row.twistie.className = `layers-twistie${at?.canUnfold ? " can-unfold" : ""}${at?.isUnfolded ? " is-unfolded" : ""}`;
    setText(row.label, at === undefined ? "…" : visibleText(at.label, 160));
    setText(row.equal, at !== undefined && at.equal > 1 ? t("{0} equal", formatCount(at.equal)) : "");
    row.cells.forEach((cell, index) => {
      setText(cell, at === undefined ? "" : this.#columns[index]!.text(at, statistics));
    });
  }

  #make(): Row {
    const element = part("layers-row", "row");
    const name = part("layers-cell layers-name", "rowheader");
    name.setAttribute("aria-colindex", "1");
    const twistie = part("layers-twistie");
    twistie.setAttribute("aria-hidden", "true");
    const label = part("layers-label");
    const equal = part("muted");
    name.append(twistie, label, equal);
    const cells = this.#columns.map((column, index) => {
      const cell = part(`layers-cell layers-${column.id}${column.isNumber ? " number" : ""}`, "gridcell");
      cell.setAttribute("aria-colindex", String(index + 2));
      return cell;
    });
    element.append(name, ...cells);
    return { element, twistie, label, equal, cells, line: -1, at: undefined, statistics: undefined };
  }
}

/** What a cell shows in full, for its tool tip. */
export function cellTip(
  cell: HTMLElement,
  line: LayerLine,
  statistics: LayerStatistics | undefined,
  columns: readonly LayerColumn[],
): string {
  const column = columns[Number(cell.getAttribute("aria-colindex")) - 2];
  if (column === undefined) return visibleText(line.name ?? line.label, 400);
  return column.exact?.(line, statistics) ?? column.text(line, statistics);
}

function part(className: string, role?: string): HTMLElement {
  const element = document.createElement(role === undefined ? "span" : "div");
  element.className = className;
  if (role !== undefined) element.setAttribute("role", role);
  return element;
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function setAttribute(element: HTMLElement, name: string, value: string | undefined): void {
  if (value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
