import { expect, it } from "vitest";
import { doneRow } from "./quality.fixture.js";
import { checkTargets } from "./target-checks.js";

it("compares a target with every uniform row that takes no more bits", () => {
  const mixed = (perplexity: number) => doneRow("target 3.1", 3.09, perplexity, 0.1, ["--target-bpw", "3.1"]);
  const uniform = [doneRow("x", 2, 30, 0.1), doneRow("y", 3.1, 25, 0.1), doneRow("z", 3.2, 22, 0.1)];
  expect(checkTargets([mixed(24), ...uniform])).toMatchObject([{ best: { name: "y" }, holds: true }]);
  expect(checkTargets([mixed(25), ...uniform])).toMatchObject([{ best: { name: "y" }, holds: false }]);
  expect(checkTargets([mixed(24), uniform[2]!])).toEqual([]);
});
