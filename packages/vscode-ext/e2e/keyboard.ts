import type { Frame, Page } from "playwright-core";

/** Presses Tab until the focus is on what a selector matches; throws with the places that were passed. */
export async function tabTo(
  page: Page,
  frame: Frame,
  selector: string,
  key: "Tab" | "Shift+Tab" = "Tab",
): Promise<void> {
  const passed: string[] = [];
  for (let step = 0; step < 80; step++) {
    const { isThere, place } = await frame.evaluate((wanted) => {
      const at = document.activeElement;
      return { isThere: at?.matches(wanted) ?? false, place: `${at?.tagName}.${at?.className}` };
    }, selector);
    if (isThere) return;
    passed.push(place);
    await page.keyboard.press(key);
  }
  throw new Error(`the Tab key does not lead to ${selector}: ${passed.join(" ")}`);
}
