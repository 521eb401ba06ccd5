import type { KernelBackend } from "@lowbit/core/backend";
import { expect, it } from "vitest";
import { RandomData, unaligned } from "../random-data.js";

export function readBandwidthCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  it.each([0, 1, 2, 3, 5, 33])("reads every byte of %i pages", (pages) => {
    const source = unaligned(new RandomData(22).bytes(pages * 4096), 1);
    expect(subject().readBandwidth(source)).toBe(oracle.readBandwidth(source));
  });

  it("refuses a part of a page", () => {
    expect(() => subject().readBandwidth(new Uint8Array(100))).toThrow(
      expect.objectContaining({ code: "backend/operand-size" }),
    );
  });
}
