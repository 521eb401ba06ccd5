import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../../backend/reference/reference-backend.js";
import { FP4_TABLE } from "../../quantizers/fp4/fp4.js";
import { NF4_TABLE } from "../../quantizers/nf4/nf4.js";
import type { CodebookLayout } from "../../terms/codebook.js";
import { goldenCases, goldenTensors } from "../golden-checkpoint.fixture.js";
import { affineTerm } from "../whole-weight.fixture.js";
import {
  codebookTerm,
  decoded,
  packedAs,
  randomBlock,
  readBack,
  relativeError,
  roundedAndRead,
  WEIGHT_NAME,
  weightOfTerms,
} from "../written-weight.fixture.js";
import { bitsandbytesWriter as writer } from "./bitsandbytes-writer.js";
import { FOUR_BIT_TABLES } from "./four-bit-tables.js";

const backend = createReferenceBackend();

const nf4: CodebookLayout = {
  kind: "codebook",
  rows: 6,
  columns: 128,
  bits: 4,
  granularity: "group",
  groupSize: 64,
  codebook: "nf4",
  scaleDtype: "F16",
};

describe("bitsandbytes writer", () => {
  it("has the tables of the methods of the same name", () => {
    expect(FOUR_BIT_TABLES.nf4).toEqual(Float32Array.from(NF4_TABLE));
    expect(FOUR_BIT_TABLES.fp4.map((value) => value + 0)).toEqual(
      Float32Array.from(FP4_TABLE).map((value) => value + 0),
    );
  });

  it.each(["nf4", "fp4"])("rounds to %s, which it then writes and reads to the bit", async (type) => {
    const { packed, error } = await roundedAndRead(writer, randomBlock(40, 192), type);
    expect(packed).not.toHaveProperty("rounded");
    expect(error).toBeLessThan(0.03);
  });

  it("nests scales when asked, and says that they are rounded", async () => {
    const block = randomBlock(300, 128);
    const terms = writer.requantize(block, "nf4-nested", backend);
    const packed = packedAs(writer, weightOfTerms(terms), "nf4-nested");
    expect(packed.rounded).toBe("scales to 8 bits");
    expect(relativeError(decoded(terms), await readBack(writer, WEIGHT_NAME, packed))).toBeLessThan(1e-4);
  });

  it("has the table of nested scales that the client has", async () => {
    const golden = goldenCases("bitsandbytes").find(({ name }) => name === "nf4, nested scales")!;
    const client = (await goldenTensors(golden)).find(({ name }) => name.endsWith(".nested_quant_map"))!;
    const packed = packedAs(writer, weightOfTerms([codebookTerm(nf4, NF4_TABLE, (i) => 1 + i)]), "nf4-nested");
    const ours = packed.tensors.find(({ name }) => name.endsWith(".nested_quant_map"))!;
    const floats = ({ data }: { readonly data: Uint8Array }) => new Float32Array(data.slice().buffer);
    expect(floats(ours)).toHaveLength(256);
    for (const [i, value] of floats(ours).entries()) {
      expect(Math.abs(value - floats(client)[i]!)).toBeLessThanOrEqual(2 ** -22 * Math.abs(value));
    }
  });

  it("keeps terms of the methods nf4 and fp4", async () => {
    for (const [table, type] of [
      [NF4_TABLE, "nf4"],
      [FP4_TABLE, "fp4"],
    ] as const) {
      const term = codebookTerm(nf4, table, (i) => (1 + (i % 9)) / 16);
      const packed = packedAs(writer, weightOfTerms([term]));
      expect(packed.facts).toMatchObject({ type });
      expect(await readBack(writer, WEIGHT_NAME, packed)).toEqual(decoded([term]));
    }
  });

  it("refuses other tables, blocks that cross rows and other terms", () => {
    const term = codebookTerm(nf4, NF4_TABLE, () => 1);
    const uneven = codebookTerm({ ...nf4, columns: 96 }, NF4_TABLE, () => 1);
    const other = codebookTerm(
      nf4,
      NF4_TABLE.map((value) => value ** 3),
      () => 1,
    );
    expect(writer.pack(weightOfTerms([affineTerm({})]))).toEqual({ reason: expect.stringMatching(/affine/) });
    expect(writer.pack(weightOfTerms([uneven]))).toEqual({
      reason: expect.stringMatching(/groups of 64 in rows of 96/),
    });
    expect(writer.pack(weightOfTerms([other]))).toEqual({ reason: expect.stringMatching(/table nf4/) });
    expect(writer.pack(weightOfTerms([term]), "fp4")).toEqual({ reason: expect.stringMatching(/those of fp4/) });
  });

  it("states how the client runs it", () => {
    const packed = packedAs(writer, weightOfTerms([codebookTerm(nf4, NF4_TABLE, () => 1)]));
    expect(writer.config(new Map([[WEIGHT_NAME, packed]]), ["lm_head.weight"]).quantizationConfig).toMatchObject({
      quant_method: "bitsandbytes",
      load_in_4bit: true,
      bnb_4bit_quant_type: "nf4",
      bnb_4bit_use_double_quant: false,
      bnb_4bit_compute_dtype: "bfloat16",
      llm_int8_skip_modules: ["lm_head"],
    });
  });
});
