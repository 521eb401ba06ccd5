import { expect, it } from "vitest";
import { checkOrders, type OrderCheck } from "./order-checks.js";
import { doneRow } from "./quality.fixture.js";

const check = (better: string, worse: string, relation: OrderCheck["relation"] = "<"): OrderCheck => ({
  group: "4 bits",
  better,
  worse,
  relation,
});

it("compares layer errors and perplexities of settings that are both there", () => {
  const rows = [
    doneRow("a", 4, 21, 0.01),
    doneRow("b", 4, 21, 0.005),
    doneRow("c", 1, 900, 0.5),
    doneRow("d", 1, 800, 0.6),
  ];
  const found = checkOrders([check("a", "b"), check("a", "b", "≤"), check("c", "d"), check("a", "missing")], rows, 20);
  expect(found.map(({ figure, verdict }) => [figure, verdict])).toEqual([
    ["layer error", "does not hold"],
    ["perplexity", "does not hold"],
    ["layer error", "does not hold"],
    ["perplexity", "holds"],
    ["layer error", "holds"],
    ["perplexity", "collapsed"],
  ]);
});
