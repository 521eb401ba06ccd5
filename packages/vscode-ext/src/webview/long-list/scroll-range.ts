/** Browsers stop at about 17 to 33 million pixels; beyond this the scroll bar moves over more lines a pixel. */
export const TALLEST = 12_000_000;

/** What of a long list is on the screen. */
export interface ScrollRange {
  /** Height of the element that is scrolled. */
  readonly contentHeight: number;
  /** Lines to draw, [begin, end). */
  readonly begin: number;
  readonly end: number;
  /** Where line `begin` stands in that element. */
  readonly top: number;
}

/** Lines drawn beyond the edges, so that a small step of the wheel finds them there. */
const MARGIN = 4;

/**
 * @param scrollTop 0 to contentHeight − viewHeight
 * @param viewHeight of the part that shows lines
 */
export function scrollRange(lines: number, lineHeight: number, scrollTop: number, viewHeight: number): ScrollRange {
  const fullHeight = lines * lineHeight;
  const contentHeight = Math.min(fullHeight, TALLEST);
  const offset = lineOffset(lines, lineHeight, scrollTop, viewHeight);
  const begin = Math.max(0, Math.floor(offset / lineHeight) - MARGIN);
  const end = Math.min(lines, Math.ceil((offset + viewHeight) / lineHeight) + MARGIN);
  return { contentHeight, begin, end, top: scrollTop - (offset - begin * lineHeight) };
}

/** Lines to draw with their places, ascending: the range, and the focused line where that is elsewhere. */
export function drawnLines(
  { contentHeight, begin, end, top }: ScrollRange,
  lines: number,
  lineHeight: number,
  focused: number,
): readonly { readonly line: number; readonly top: number }[] {
  const drawn = Array.from({ length: Math.max(0, end - begin) }, (_, i) => ({
    line: begin + i,
    top: top + i * lineHeight,
  }));
  if (focused >= lines || (focused >= begin && focused < end)) return drawn;
  const wanted = top + (focused - begin) * lineHeight;
  const elsewhere = { line: focused, top: Math.min(Math.max(0, wanted), contentHeight - lineHeight) };
  return focused < begin ? [elsewhere, ...drawn] : [...drawn, elsewhere];
}

/** The least change of scrollTop after which the line is wholly on the screen. */
export function scrollTopFor(
  line: number,
  lines: number,
  lineHeight: number,
  scrollTop: number,
  viewHeight: number,
): number {
  const offset = lineOffset(lines, lineHeight, scrollTop, viewHeight);
  const top = line * lineHeight;
  if (top >= offset && top + lineHeight <= offset + viewHeight) return scrollTop;
  const wanted = top < offset ? top : top + lineHeight - viewHeight;
  const hidden = lines * lineHeight - viewHeight;
  const scrollable = Math.min(lines * lineHeight, TALLEST) - viewHeight;
  if (hidden <= 0) return 0;
  return Math.min(scrollable, Math.max(0, scrollable === hidden ? wanted : (wanted / hidden) * scrollable));
}

/** Distance of the top edge from the first line, in pixels of the list as if it could be as tall as it is. */
function lineOffset(lines: number, lineHeight: number, scrollTop: number, viewHeight: number): number {
  const hidden = lines * lineHeight - viewHeight;
  const scrollable = Math.min(lines * lineHeight, TALLEST) - viewHeight;
  if (hidden <= 0 || scrollable <= 0) return 0;
  const top = Math.min(Math.max(0, scrollTop), scrollable);
  return scrollable === hidden ? top : (top / scrollable) * hidden;
}
