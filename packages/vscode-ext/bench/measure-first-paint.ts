import { untilShown } from "../e2e/page.js";
import type { BenchContext } from "./bench.js";
import { type Figure, median } from "./figure.js";
import { forgetTimes, timeOf, timesOf } from "./page-clock.js";

/**
 * From the moment the editor's tab is there to the complete Overview page on the screen. The model is opened and closed
 * `count` times; the engine forgets it when its last editor is closed.
 */
export async function measureFirstPaint(
  { workbench }: BenchContext,
  path: string,
  what: string,
  limit: number,
  count: number,
): Promise<Figure[]> {
  const fromTab: number[] = [];
  const fromClick: number[] = [];
  for (let round = 0; round < count; round++) {
    await (await workbench.explorerRow(path)).waitFor();
    await forgetTimes(workbench.page.mainFrame());
    const frame = await workbench.openModel(path);
    await untilShown(frame, "overview");
    await workbench.page.waitForTimeout(500);
    const outside = await timesOf(workbench.page.mainFrame());
    const painted = timeOf(await timesOf(frame), "page-overview");
    fromTab.push(painted - timeOf(outside, "tab"));
    fromClick.push(painted - timeOf(outside, "click"));
    await workbench.closeEditors();
  }
  const rounds = (values: readonly number[]): string =>
    `median of ${values.map((value) => Math.round(value)).join(", ")}`;
  return [
    { name: `${what}: tab to painted Overview`, value: median(fromTab), unit: "ms", limit, note: rounds(fromTab) },
    { name: `${what}: first click to painted Overview`, value: median(fromClick), unit: "ms", note: rounds(fromClick) },
  ];
}
