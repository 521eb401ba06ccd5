import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../../backend/reference/reference-backend.js";
import { writeScales } from "../../terms/scale-array.js";
import type { Term } from "../../terms/term.js";
import { allocateTerm } from "../../terms/term-arrays.js";
import type { TernaryLayout } from "../../terms/ternary.js";
import { affineTerm } from "../whole-weight.fixture.js";
import { decoded, packedAs, randomBlock, readBack, weightOfTerms } from "../written-weight.fixture.js";
import { bitnetWriter as writer } from "./bitnet-writer.js";

const backend = createReferenceBackend();
const NAME = "model.layers.0.mlp.up_proj.weight";

function ternaryTerm(over: Partial<TernaryLayout> = {}, scale: (i: number) => number = () => 0.5): Term {
  const layout: TernaryLayout = {
    kind: "ternary",
    rows: 12,
    columns: 10,
    granularity: "tensor",
    groupSize: 10,
    packing: "base-3",
    scaleDtype: "F32",
    ...over,
  };
  const term = allocateTerm(layout);
  for (let i = 0; i < term.arrays.digits.length; i++) term.arrays.digits[i] = (i * 101) % 243;
  writeScales(
    Array.from({ length: term.arrays.scale.length / 4 }, (_, i) => scale(i)),
    "F32",
    term.arrays.scale,
  );
  return term as unknown as Term;
}

describe("bitnet writer", () => {
  it.each(writer.types)("%s: rounds to mean |w| and 0, which it then writes and reads", async (type) => {
    const block = randomBlock(12, 30);
    const [term] = writer.requantize(block, type, backend);
    const values = await readBack(writer, NAME, packedAs(writer, weightOfTerms([term!]), type));
    const mean = block.values.reduce((sum, value) => sum + Math.abs(value), 0) / block.values.length;
    for (const [i, value] of values.entries()) {
      expect(Math.sign(value)).toBe(Math.abs(block.values[i]!) > mean / 2 ? Math.sign(block.values[i]!) : 0);
      expect(Math.abs(Math.abs(value) - (value === 0 ? 0 : mean))).toBeLessThan(2 ** -22);
    }
  });

  it("keeps the scale that multiplies, and says when the inverse of one that divides is rounded", async () => {
    const whole = ternaryTerm();
    const odd = ternaryTerm({}, () => 0.013671875 * 1.0000001);
    for (const term of [whole, odd]) {
      const packed = packedAs(writer, weightOfTerms([term]), "autobitlinear");
      expect(packed).not.toHaveProperty("rounded");
      expect(await readBack(writer, NAME, packed)).toEqual(decoded([term]));
    }
    expect(packedAs(writer, weightOfTerms([whole]))).not.toHaveProperty("rounded");
    const inverse = packedAs(writer, weightOfTerms([odd]));
    const same = (await readBack(writer, NAME, inverse)).every((value, i) => value === decoded([odd])[i]);
    expect(inverse.rounded !== undefined).toBe(!same);
  });

  it("takes rows of one scale, and refuses what is not ternary with one scale", async () => {
    const rows = ternaryTerm({ granularity: "row" });
    expect(await readBack(writer, NAME, packedAs(writer, weightOfTerms([rows])))).toEqual(decoded([rows]));
    for (const [term, reason] of [
      [ternaryTerm({ granularity: "row" }, (i) => 1 + i), /several scales/],
      [ternaryTerm({ rows: 10 }), /10 rows/],
      [ternaryTerm({}, () => 0), /a scale of 0/],
      [affineTerm({ scaleDtype: "F32", granularity: "tensor", groupSize: 64 }), /level|scales/],
    ] as const) {
      expect(writer.pack(weightOfTerms([term]))).toEqual({ reason: expect.stringMatching(reason) });
    }
  });

  it("states how the client uses the scale", () => {
    for (const type of writer.types) {
      const packed = packedAs(writer, weightOfTerms([ternaryTerm()]), type);
      expect(writer.config(new Map([[NAME, packed]]), []).quantizationConfig).toEqual({
        quant_method: "bitnet",
        linear_class: type,
        quantization_mode: "offline",
        use_rms_norm: false,
        modules_to_not_convert: ["lm_head"],
      });
    }
  });
});
