import type { Frame, Locator } from "playwright-core";
import { PATIENCE, until } from "./until.js";

/** Pages in the order of their tabs. */
export const PAGES = ["overview", "layers", "tensor", "compare", "try", "quantize"] as const;
export type PageName = (typeof PAGES)[number];

export function byId(frame: Frame | Locator, id: string): Locator {
  return frame.locator(`[data-testid="${id}"]`);
}

/** Clicks a tab and waits until what its page shows is complete. */
export async function goTo(frame: Frame, page: PageName): Promise<Locator> {
  await byId(frame, `tab-${page}`).click();
  return untilShown(frame, page);
}

export async function untilShown(frame: Frame, page: PageName): Promise<Locator> {
  const container = frame.locator(`[data-testid="page-${page}"]:not([aria-busy="true"])`);
  await container.waitFor({ timeout: PATIENCE });
  return container;
}

/** Chooses the weight of the page by its picker; by its whole name, so that one line is left to choose. */
export async function pickWeight(frame: Frame, name: string, picker: string): Promise<void> {
  const field = byId(frame, picker);
  if ((await field.inputValue()) === name) return;
  await field.fill(name);
  const options = frame.locator('.weight-popup [role="option"]');
  await until(`one option, ${name}`, async () => {
    const texts = await options.allInnerTexts();
    return texts.length === 1 && texts[0]!.includes(name);
  });
  await options.click();
  await until(`${name} in the picker`, async () => (await field.inputValue()) === name);
}
