import { byId, goTo } from "../e2e/page.js";
import type { BenchContext } from "./bench.js";
import type { Figure } from "./figure.js";

interface LongTasks {
  readonly own: readonly number[];
  readonly others: readonly number[];
}

/** The longest task of the page while its table is scrolled by the wheel and thrown about by its bar. */
export async function measureScrolling({ workbench }: BenchContext, path: string): Promise<Figure[]> {
  const frame = await workbench.openModel(path);
  const layers = await goTo(frame, "layers");
  const grid = byId(layers, "layers-grid");
  await grid.locator('[role="row"]').nth(3).waitFor();
  await frame.evaluate(() => {
    const durations: { own: number[]; others: number[] } = { own: [], others: [] };
    (globalThis as { benchTasks?: LongTasks }).benchTasks = durations;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) durations[entry.name === "self" ? "own" : "others"].push(entry.duration);
    }).observe({ type: "longtask" });
  });
  await grid.hover();
  for (let turn = 0; turn < 60; turn++) {
    await workbench.page.mouse.wheel(0, turn < 40 ? 1500 : -900);
    await workbench.page.waitForTimeout(30);
  }
  const height = await grid.evaluate((element) => element.scrollHeight);
  for (let jump = 1; jump <= 30; jump++) {
    await grid.evaluate((element, top) => element.scrollTo(0, top), (height * ((jump * 7) % 30)) / 30);
    await workbench.page.waitForTimeout(60);
  }
  await workbench.page.waitForTimeout(500);
  const { own, others } = await frame.evaluate(() => (globalThis as unknown as { benchTasks: LongTasks }).benchTasks);
  if (height < 100_000) throw new Error(`the table is only ${height} px high: it was not scrolled`);
  return [
    {
      name: "scrolling 500 000 lines: longest task of the page",
      value: Math.max(0, ...own),
      unit: "ms",
      limit: 50,
      note: own.length === 0 ? "none of 50 ms or more" : `${own.length} of 50 ms or more`,
    },
    {
      name: "scrolling 500 000 lines: longest task of the workbench",
      value: Math.max(0, ...others),
      unit: "ms",
      note: others.length === 0 ? "none of 50 ms or more" : `${others.length} of 50 ms or more`,
    },
  ];
}
