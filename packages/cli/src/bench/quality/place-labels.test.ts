import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { placeLabels } from "./place-labels.js";

const AREA = { left: 0, top: 0, right: 400, bottom: 300 };

describe("placeLabels", () => {
  it("puts a lone label right of its point", () => {
    const [place] = placeLabels([{ x: 100, y: 100, width: 40, height: 12 }], AREA);
    expect(place).toEqual({ left: 107, top: 94 });
  });

  it("never lets labels cover each other, a point or the frame", () => {
    const point = fc.record({
      x: fc.integer({ min: 0, max: 400 }),
      y: fc.integer({ min: 0, max: 300 }),
      width: fc.integer({ min: 10, max: 90 }),
      height: fc.constant(12),
    });
    fc.assert(
      fc.property(fc.array(point, { maxLength: 40 }), (points) => {
        const places = placeLabels(points, AREA);
        const boxes = places.flatMap((place, index) =>
          place === undefined
            ? []
            : [{ ...place, right: place.left + points[index]!.width, bottom: place.top + points[index]!.height }],
        );
        for (const [index, a] of boxes.entries()) {
          expect(a.left >= 0 && a.top >= 0 && a.right <= 400 && a.bottom <= 300).toBe(true);
          for (const b of boxes.slice(index + 1)) {
            expect(a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom).toBe(false);
          }
          for (const { x, y } of points) {
            expect(x > a.left - 5 && x < a.right + 5 && y > a.top - 5 && y < a.bottom + 5).toBe(false);
          }
        }
      }),
    );
  });

  it("leaves a label out where nothing near its point is free", () => {
    const full = { left: -1000, top: -1000, right: 1000, bottom: 1000 };
    expect(placeLabels([{ x: 100, y: 100, width: 40, height: 12 }], AREA, [full])).toEqual([undefined]);
  });
});
