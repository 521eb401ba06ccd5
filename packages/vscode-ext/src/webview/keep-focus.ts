/**
 * Draws, and where that took away the element that had the focus (it is gone, hidden, or disabled), gives the focus to
 * another one: who works with the keyboard must not begin at the top of the page again.
 */
export function drawKeepingFocus(
  container: HTMLElement,
  draw: () => void,
  fallback: (lost: HTMLElement) => HTMLElement | null | undefined,
): void {
  const before = container.ownerDocument.activeElement;
  const isInside = before instanceof HTMLElement && before !== container && container.contains(before);
  draw();
  if (isInside && !canHaveFocus(before)) fallback(before)?.focus();
}

function canHaveFocus(element: HTMLElement): boolean {
  return element.isConnected && !element.matches(":disabled") && element.closest("[hidden], [inert]") === null;
}
