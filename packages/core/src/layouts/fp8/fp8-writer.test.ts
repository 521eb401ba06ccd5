import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../../backend/reference/reference-backend.js";
import { decodeTable } from "../../dtype/decode-table.js";
import type { CodebookLayout } from "../../terms/codebook.js";
import {
  codebookTerm,
  decoded,
  packedAs,
  randomBlock,
  readBack,
  roundedAndRead,
  WEIGHT_NAME,
  weightOfTerms,
} from "../written-weight.fixture.js";
import { fp8Writer as writer } from "./fp8-writer.js";

const backend = createReferenceBackend();
const table = decodeTable("F8_E4M3").map((value) => (Number.isNaN(value) ? 0 : value));

const e4m3: CodebookLayout = {
  kind: "codebook",
  rows: 40,
  columns: 96,
  bits: 8,
  granularity: "group",
  groupSize: 32,
  codebook: "fp8-e4m3",
  scaleDtype: "F32",
};

describe("fp8 writer", () => {
  it.each([
    ["block128", 130, 200],
    ["block64", 130, 200],
    ["block32", 40, 100],
    ["block128", 20, 30],
  ])("rounds to %s of [%i, %i], which it then writes and reads to the bit", async (type, rows, columns) => {
    const { error } = await roundedAndRead(writer, randomBlock(rows, columns), type);
    expect(error).toBeLessThan(8e-4);
  });

  it("keeps terms whose rows share scales, and refuses others", async () => {
    const shared = codebookTerm(e4m3, table, (i) => 0.25 + (i % 3) + (i >= 96 ? 1 : 0));
    expect(await readBack(writer, WEIGHT_NAME, packedAs(writer, weightOfTerms([shared]), "block32"))).toEqual(
      decoded([shared]),
    );
    const tensor = codebookTerm({ ...e4m3, granularity: "tensor", groupSize: 96 }, table, () => 0.5);
    expect(await readBack(writer, WEIGHT_NAME, packedAs(writer, weightOfTerms([tensor])))).toEqual(decoded([tensor]));
    const own = codebookTerm(e4m3, table, (i) => 1 + i);
    expect(writer.pack(weightOfTerms([own]), "block32")).toEqual({ reason: expect.stringMatching(/rows with scales/) });
    expect(writer.pack(weightOfTerms([shared]), "block64")).toEqual({ reason: expect.stringMatching(/groups of 32/) });
  });

  it("states the blocks", () => {
    const terms = writer.requantize(randomBlock(64, 64), "block64", backend);
    const packed = packedAs(writer, weightOfTerms(terms), "block64");
    expect(writer.config(new Map([[WEIGHT_NAME, packed]]), ["embed.weight"]).quantizationConfig).toEqual({
      quant_method: "fp8",
      activation_scheme: "dynamic",
      weight_block_size: [64, 64],
      modules_to_not_convert: ["embed", "lm_head"],
    });
  });
});
