import { goTo } from "../e2e/page.js";
import type { BenchContext } from "./bench.js";
import { type Figure, median } from "./figure.js";
import { forgetTimes, type PageTimes, timeOf, timesOf } from "./page-clock.js";
import { weightName } from "./sparse-checkpoint.js";

/**
 * Of weights that were never looked at: from the page's request for the map, and from the choice of the weight, to the map
 * on the screen, coarse and then complete. Everything else that the page shows is computed at the same time.
 */
export async function measureMap({ workbench }: BenchContext, path: string, count: number): Promise<Figure[]> {
  const frame = await workbench.openModel(path);
  const around = frame.parentFrame()!;
  await goTo(frame, "tensor");
  const times: PageTimes[] = [];
  for (let index = 0; index < count; index++) {
    const picker = frame.locator('[data-testid="tensor-pick"]');
    await picker.fill(weightName(index));
    const options = frame.locator('.weight-popup [role="option"]', { hasText: weightName(index) });
    await options.first().waitFor();
    await workbench.page.waitForTimeout(500);
    await forgetTimes(frame);
    await forgetTimes(around);
    await options.first().click();
    await frame.waitForFunction(() => "map complete" in (globalThis as unknown as { benchTimes: object }).benchTimes);
    times.push({ ...(await timesOf(around)), ...(await timesOf(frame)) });
    await workbench.page.waitForTimeout(3000);
  }
  const figure = (from: string, to: string, limit?: number): Figure => {
    const values = times.map((noted) => timeOf(noted, to) - timeOf(noted, from));
    const note = `median of ${values.map((value) => Math.round(value)).join(", ")}`;
    const name = `map of 4096 x 11008 bf16: ${from === "click" ? "choice of the weight" : "request"} to painted ${to.slice("map ".length)}`;
    return { name, value: median(values), unit: "ms", ...(limit === undefined ? {} : { limit }), note };
  };
  return [
    figure("map asked", "map coarse", 300),
    figure("map asked", "map complete", 1500),
    figure("click", "map coarse"),
    figure("click", "map complete"),
  ];
}
