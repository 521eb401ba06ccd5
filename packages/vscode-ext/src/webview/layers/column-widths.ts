/** Widths in CSS pixels by column, all of them once the user has set one; before, the style sheet's. */
export type ColumnWidths = Readonly<Record<string, number>>;

const LEAST = 40;
const MOST = 2000;
const KEY_STEP = 16;

/** What was kept, if it is widths. */
export function readWidths(kept: unknown): ColumnWidths | undefined {
  if (typeof kept !== "object" || kept === null) return undefined;
  const widths = Object.entries(kept).filter(([, width]) => Number.isFinite(width));
  return widths.length === 0 ? undefined : Object.fromEntries(widths.map(([id, width]) => [id, within(width)]));
}

/** `layers.css` says what the properties mean. */
export function applyWidths(grid: HTMLElement, widths: ColumnWidths | undefined): void {
  let total = 0;
  for (const { dataset } of headings(grid)) {
    const width = widths?.[dataset["column"]!];
    grid.style.setProperty(`--layers-${dataset["column"]}`, width === undefined ? "" : `0 0 ${width}px`);
    total += width ?? 0;
  }
  grid.style.setProperty("--layers-row", widths === undefined ? "" : `${total}px`);
}

/** The widths as they are, with a column so many pixels wider. */
export function widened(grid: HTMLElement, column: string, pixels: number): ColumnWidths {
  const widths = Object.fromEntries(headings(grid).map((each) => [each.dataset["column"]!, each.offsetWidth]));
  return { ...widths, [column]: within((widths[column] ?? LEAST) + pixels) };
}

/** How much wider a key makes the column of the heading that has the focus; 0: it is another key. */
export function wideningOfKey({ key, shiftKey }: Pick<KeyboardEvent, "key" | "shiftKey">): number {
  if (!shiftKey) return 0;
  return key === "ArrowRight" ? KEY_STEP : key === "ArrowLeft" ? -KEY_STEP : 0;
}

/** Follows the pointer from a press on the divider of a column until it is let go. */
export function dragDivider(press: PointerEvent, grid: HTMLElement, onWidths: (widths: ColumnWidths) => void): void {
  const divider = press.currentTarget as HTMLElement;
  const column = divider.closest<HTMLElement>("[data-column]")!.dataset["column"]!;
  const before = widened(grid, column, 0);
  const over = new AbortController();
  press.preventDefault();
  divider.setPointerCapture(press.pointerId);
  divider.addEventListener(
    "pointermove",
    ({ clientX }) => onWidths({ ...before, [column]: within(before[column]! + clientX - press.clientX) }),
    { signal: over.signal },
  );
  for (const end of ["pointerup", "pointercancel"])
    divider.addEventListener(end, () => over.abort(), { signal: over.signal });
}

function headings(grid: HTMLElement): readonly HTMLElement[] {
  return [...grid.querySelectorAll<HTMLElement>(".layers-headings [data-column]")];
}

function within(width: number): number {
  return Math.round(Math.min(MOST, Math.max(LEAST, width)));
}
