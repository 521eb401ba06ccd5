import { describe, expect, it } from "vitest";
import { readU32 } from "../../terms/index-array.js";
import type { SignLayout } from "../../terms/sign.js";
import type { Term } from "../../terms/term.js";
import { expectSoundLayer } from "../fits/expect-sound-layer.fixture.js";
import { expectLayer, readGoldenLayer } from "../fits/golden-layer.fixture.js";
import { HARD_LAYERS } from "../fits/hard-layers.fixture.js";
import { quantizeLayer } from "../quantize-layer.fixture.js";
import { smallLayer } from "../small-layer.fixture.js";
import { billm } from "./billm.js";

interface Case {
  readonly metric: string;
  readonly reference: boolean;
  readonly mean: boolean;
  readonly salientColumns: readonly number[];
}

const golden = readGoldenLayer<Case>("./__golden__/blocks.json", import.meta.url);

const salientColumns = (term: unknown): number[] => [...readU32((term as Term<SignLayout>).arrays.columns!)];

describe("billm", () => {
  it.each(golden.cases)(
    "agrees with numpy: metric $metric, reference $reference, mean $mean",
    ({ metric, reference, mean, salientColumns: wanted, decoded }) => {
      const given = { ...golden.options, metric, reference, mean, scaleDtype: "F32" };
      const found = quantizeLayer(billm, given, golden.layer);
      expect(salientColumns(found.terms[1])).toEqual(wanted);
      expectLayer(found.decoded, decoded);
    },
  );

  it.each(HARD_LAYERS)("stores what its loop worked with: %s", (_, layer) => {
    for (const reference of [false, true]) expectSoundLayer(billm, { reference }, layer);
    expectSoundLayer(billm, { metric: "magnitude", mean: true, block: 16, salientLimit: 3 }, layer);
  });

  it("stores two zones of the plain columns, two planes of the salient ones, at most as many a block as the limit", () => {
    const { terms } = quantizeLayer(
      billm,
      { block: 32, salientLimit: 5, mean: true },
      smallLayer({ rows: 8, columns: 100 }),
    );
    const [rest, first, second] = terms.map((term) => term.layout as SignLayout);
    expect([rest!.zones, rest!.hasMean, rest!.groupSize]).toEqual([2, true, 32]);
    expect([first!.zones, first!.hasMean, second!.hasMean]).toEqual([1, true, false]);
    expect(first!.coveredColumns! + rest!.coveredColumns!).toBe(100);
    const columns = salientColumns(terms[1]);
    expect(salientColumns(terms[2])).toEqual(columns);
    for (const block of [0, 1, 2, 3]) {
      const count = columns.filter((column) => Math.floor(column / 32) === block).length;
      expect(count).toBeGreaterThanOrEqual(1);
      expect(count).toBeLessThanOrEqual(block === 3 ? 3 : 5);
    }
  });
});
