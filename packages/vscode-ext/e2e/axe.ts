import axe from "axe-core";
import type { Frame } from "playwright-core";

/** Serious and critical violations of a page, one sentence each. */
export async function seriousViolations(frame: Frame): Promise<string[]> {
  // Evaluated by the browser's debugger: the content security policy of the page allows no script tag, as it should be.
  await frame.evaluate(axe.source);
  const violations = await frame.evaluate(async () => {
    const runner = (
      globalThis as unknown as { axe: { run(root: Document, options: object): Promise<{ violations: unknown }> } }
    ).axe;
    return (await runner.run(document, { resultTypes: ["violations"] })).violations;
  });
  return (violations as readonly axe.Result[])
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, impact, help, nodes }) => {
      const first = nodes[0];
      return `${impact} ${id}: ${help}; ${nodes.length} times, first at ${first?.target.join(" ")}: ${first?.failureSummary}`;
    });
}
