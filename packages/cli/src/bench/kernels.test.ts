import { createReferenceBackend } from "@lowbit/core/backend";
import { describe, expect, it } from "vitest";
import { measureKernels } from "./kernels.js";
import { median } from "./median.js";
import { measureRoofline } from "./roofline.js";

describe("measureKernels", () => {
  it("measures every product beside the reading of memory", () => {
    const figures = measureKernels(createReferenceBackend(), { rounds: 1, bytes: 2 ** 19, matmulSize: 16 });
    expect(figures.backend).toBe("reference");
    expect(figures.products.map((product) => product.name)).toContain("ternary × int8");
    for (const { name, bytes, weights, gigabytes, gigaweights, shareOfRead } of figures.products) {
      expect(weights % 4096, name).toBe(0);
      expect(gigabytes / gigaweights, name).toBeCloseTo(bytes / weights, 5);
      expect(shareOfRead, name).toBeGreaterThan(0);
    }
  });
});

describe("measureRoofline", () => {
  it("has a best that is no worse than its median", () => {
    const roofline = measureRoofline(createReferenceBackend(), 3, 2 ** 16);
    expect(roofline.bytes).toBe(2 ** 16);
    expect(roofline.best).toBeGreaterThanOrEqual(roofline.median);
    expect(roofline.median).toBeGreaterThan(0);
  });
});

describe("median", () => {
  it("is the middle value, or the mean of the middle two", () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 2, 9])).toBe(3);
  });
});
