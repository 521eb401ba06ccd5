import { expect, it } from "vitest";
import { paretoFront } from "./pareto-front.js";

it("keeps what no other point beats, ascending; of equal points the first", () => {
  const points = [
    { x: 3, y: 5 },
    { x: 1, y: 9 },
    { x: 2, y: 5 },
    { x: 2, y: 5 },
    { x: 4, y: 4 },
    { x: 5, y: 4.5 },
  ];
  expect(paretoFront(points)).toEqual([points[1], points[2], points[4]]);
  expect(paretoFront(points)[1]).toBe(points[2]);
});
