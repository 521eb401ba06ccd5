import { createReferenceBackend } from "@lowbit/core/backend";
import { type LayerStatistics, QUANTIZERS } from "@lowbit/core/quantizers";
import { describe, expect, it } from "vitest";
import type { LinearLayer } from "../../model/layers.js";
import { resolveCandidates } from "./candidate.js";
import { type CandidateFigures, measureLayer } from "./measure-layer.js";

const backend = createReferenceBackend();
const [ROWS, COLUMNS] = [3, 8];

/** Deterministic values between −1 and 1. */
function values(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin(seed + 12.9898 * i));
}

function layer(isTransposed: boolean): LinearLayer {
  const weights = values(ROWS * COLUMNS, 1);
  const [rows, columns] = isTransposed ? [COLUMNS, ROWS] : [ROWS, COLUMNS];
  const stored = isTransposed ? transposed(weights) : weights;
  return {
    name: "layer",
    rows,
    columns,
    outFeatures: ROWS,
    inFeatures: COLUMNS,
    isTransposed,
    roundsActivations: true,
    terms: [
      {
        layout: { kind: "dense", rows, columns, valueDtype: "F32" },
        arrays: { values: new Uint8Array(stored.buffer) },
      },
    ],
    inputTransforms: [],
  };
}

function transposed(square: Float32Array): Float32Array {
  return Float32Array.from(
    { length: square.length },
    (_, at) => square[(at % ROWS) * COLUMNS + Math.floor(at / ROWS)]!,
  );
}

/** H = I + 0.1 off the diagonal. */
const HESSIAN = Float32Array.from({ length: COLUMNS }, (_, i) => i).reduce(
  (packed, i) => {
    for (let j = 0; j <= i; j++) packed[(i * (i + 1)) / 2 + j] = i === j ? 1 : 0.1;
    return packed;
  },
  new Float32Array((COLUMNS * (COLUMNS + 1)) / 2),
);

function statistics(isTransposed: boolean, hasGradients = true): LayerStatistics {
  const gradients = values(ROWS * COLUMNS, 5).map((value) => value ** 2);
  const [rows, columns] = isTransposed ? [COLUMNS, ROWS] : [ROWS, COLUMNS];
  return {
    name: "layer",
    shape: { rows, columns },
    inFeatures: COLUMNS,
    samples: 2,
    tokens: 20,
    values: {
      hessian: HESSIAN,
      ...(hasGradients && { "gradient-square": isTransposed ? transposed(gradients) : gradients }),
    },
  };
}

const candidates = resolveCandidates(
  [2, 4, 8].map((bits) => ({ method: "rtn", options: { bits, group: "tensor", zero: "symmetric" } })),
  QUANTIZERS,
);
const labels = candidates.map(({ label }) => label);

describe("measureLayer", () => {
  it("counts all stored bits and predicts less for more of them", async () => {
    const { figures, unit, weights } = await measureLayer(layer(false), statistics(false), candidates, backend);
    expect([unit, weights]).toEqual(["loss", 24]);
    const found = labels.map((label) => figures[label] as CandidateFigures);
    expect(found.map(({ bits }) => bits)).toEqual([24 * 2 + 16, 24 * 4 + 16, 24 * 8 + 16]);
    expect(found[0]!.cost).toBeGreaterThan(found[1]!.cost);
    expect(found[1]!.cost).toBeGreaterThan(found[2]!.cost);
    expect(found[2]!.cost).toBeGreaterThan(0);
  });

  it("predicts the same for a layer that is stored transposed", async () => {
    const plain = await measureLayer(layer(false), statistics(false), candidates, backend);
    const stored = await measureLayer(layer(true), statistics(true), candidates, backend);
    for (const label of labels) {
      const [one, other] = [plain.figures[label] as CandidateFigures, stored.figures[label] as CandidateFigures];
      expect(other.cost / one.cost).toBeCloseTo(1, 5);
      expect(other.outputError / one.outputError).toBeCloseTo(1, 5);
    }
  });

  it("takes relative output errors for want of gradients", async () => {
    const { figures, unit } = await measureLayer(layer(false), statistics(false, false), candidates, backend);
    expect(unit).toBe("relative-error");
    for (const label of labels) {
      const { cost, outputError } = figures[label] as CandidateFigures;
      expect(cost / outputError).toBeCloseTo(1, 6);
    }
  });

  it("notes why a candidate does not suit the layer", async () => {
    const huge = layer(false);
    (huge.terms[0]!.arrays as { values: Uint8Array }).values.set(new Uint8Array(Float32Array.of(3e38).buffer));
    const { figures } = await measureLayer(huge, statistics(false), candidates.slice(0, 1), backend);
    expect(figures[labels[0]!]).toMatchObject({ code: "pipeline/scale-overflow" });
  });
});
