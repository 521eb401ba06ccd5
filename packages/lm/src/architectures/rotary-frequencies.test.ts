import { describe, expect, it } from "vitest";
import { ConfigFields } from "./config-fields.js";
import { plainFrequencies, rotaryPositions } from "./rotary-frequencies.js";

const positionsOf = (scaling: Readonly<Record<string, unknown>>) =>
  rotaryPositions(
    new ConfigFields("model", {
      max_position_embeddings: 64,
      rope_scaling: { rope_type: "longrope", original_max_position_embeddings: 16, ...scaling },
    }),
    { headSize: 8 },
  );

describe("LongRoPE", () => {
  const factors = [1, 2, 4, 8];
  const lists = { short_factor: factors, long_factor: factors };

  it("slows every pair down by its own factor", () => {
    const { frequencies } = positionsOf(lists) as { frequencies: readonly number[] };
    expect(frequencies).toEqual(plainFrequencies(10_000, 8).map((plain, i) => plain / factors[i]!));
  });

  it("lets attention grow with the context, or by what is stated", () => {
    expect(positionsOf(lists)).toMatchObject({ attentionFactor: Math.sqrt(1 + Math.log(4) / Math.log(16)) });
    expect(positionsOf({ ...lists, factor: 1 })).toMatchObject({ attentionFactor: 1 });
    expect(positionsOf({ ...lists, attention_factor: 1.25 })).toMatchObject({ attentionFactor: 1.25 });
  });

  it("is refused with other factors for long texts than for short ones", () => {
    expect(() => positionsOf({ ...lists, short_factor: [1, 1, 1, 1] })).toThrow(
      expect.objectContaining({ code: "model/unsupported-setting" }),
    );
  });

  it.each([[undefined], [[1, 2, 4]], [[1, 2, 4, 0]], [[1, 2, 4, "8"]]])("is refused with the factors %j", (list) => {
    expect(() => positionsOf({ short_factor: list, long_factor: list })).toThrow(
      expect.objectContaining({ code: "model/config-field" }),
    );
  });
});
