import { readFileSync } from "node:fs";
import { createReferenceBackend } from "@lowbit/core/backend";
import { createMemorySource } from "@lowbit/core/bytes";
import { openGguf } from "@lowbit/core/gguf";
import { describe, expect, it } from "vitest";
import { readGolden } from "../architectures/golden-model.fixture.js";
import { withSharedData } from "../shared-data.fixture.js";
import { chooseTypes } from "./choose-types.js";
import { exportModel } from "./export-model.js";
import { fallbackType } from "./fallback-type.js";
import type { GgufExport, GgufExportTensor } from "./gguf-export.js";
import { fileTypeOf, GGUF_RECIPES, ggufRecipe } from "./gguf-recipes.js";
import { exportGolden } from "./golden-gguf.fixture.js";
import { huggingFaceView } from "./hugging-face-view.js";

/** Tensors of a Llama of 256-wide rows; only names, shapes and heads decide. */
async function wideModel(blockCount: number, keyValueHeadCount: number, isTied: boolean): Promise<GgufExport> {
  const golden = await exportGolden(readGolden("llama2"));
  const tensor = (name: string, role: GgufExportTensor["role"]): GgufExportTensor => ({
    name,
    shape: role === "kept" ? [256] : [256, 256],
    role,
    source: golden.tensors[0]!.source,
  });
  const modules = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"];
  const blocks = Array.from({ length: blockCount }, (_, block) => [
    tensor(`blk.${block}.attn_norm.weight`, "kept"),
    ...modules.map((module) => tensor(`blk.${block}.${module}.weight`, "matrix")),
  ]);
  return {
    ...golden,
    config: { ...golden.config, blockCount, headCount: 4, keyValueHeadCount },
    tensors: [
      tensor("token_embd.weight", "embedding"),
      ...blocks.flat(),
      ...(isTied ? [] : [tensor("output.weight", "output")]),
    ],
  };
}

/** Types of a module in all blocks, equal ones counted: "2·Q5_K 14·Q4_K". */
function typesOf(model: GgufExport, recipe: string, module: string, hasImatrix = false): string {
  const types = chooseTypes(model, ggufRecipe(recipe), { hasImatrix });
  const runs: [string, number][] = [];
  for (let block = 0; block < model.config.blockCount; block++) {
    const { type } = types.get(`blk.${block}.${module}.weight`)!;
    if (runs.at(-1)?.[0] === type) runs.at(-1)![1]++;
    else runs.push([type, 1]);
  }
  return runs.map(([type, count]) => `${count}·${type}`).join(" ");
}

describe("chooseTypes", () => {
  // What llama-quantize chose for files of these sizes.
  it.each([
    ["Q4_K_M", "attn_v", "2·Q6_K 2·Q4_K 1·Q6_K 2·Q4_K 1·Q6_K 2·Q4_K 1·Q6_K 2·Q4_K 4·Q6_K"],
    ["Q4_K_M", "ffn_down", "2·Q6_K 2·Q4_K 1·Q6_K 2·Q4_K 1·Q6_K 2·Q4_K 1·Q6_K 2·Q4_K 4·Q6_K"],
    ["Q4_K_M", "attn_output", "17·Q4_K"],
    ["Q4_K_S", "attn_v", "4·Q5_K 13·Q4_K"],
    ["Q4_K_S", "ffn_down", "2·Q5_K 15·Q4_K"],
    ["Q3_K_M", "attn_v", "2·Q5_K 15·Q4_K"],
    ["Q3_K_M", "ffn_down", "1·Q5_K 16·Q4_K"],
    ["Q3_K_M", "attn_output", "17·Q4_K"],
    ["Q3_K_M", "attn_q", "17·Q3_K"],
    ["Q3_K_L", "ffn_down", "17·Q5_K"],
    ["Q3_K_S", "ffn_down", "17·Q3_K"],
    ["Q2_K", "attn_v", "17·Q3_K"],
    ["Q2_K", "ffn_gate", "17·Q2_K"],
    ["Q2_K_S", "ffn_down", "2·Q4_K 15·Q2_K"],
    ["IQ4_XS", "ffn_down", "2·Q5_K 15·IQ4_XS"],
    ["IQ4_XS", "attn_v", "17·IQ4_XS"],
    ["Q4_0", "ffn_down", "17·Q4_0"],
    ["Q8_0", "attn_v", "17·Q8_0"],
    ["F16", "attn_v", "17·F16"],
  ])("%s gives %s of 17 blocks %s", async (recipe, module, expected) => {
    expect(typesOf(await wideModel(17, 4, false), recipe, module)).toBe(expected);
  });

  it("spends more on values that four query heads share", async () => {
    const grouped = await wideModel(3, 1, false);
    expect(["Q2_K", "Q2_K_S", "IQ4_NL"].map((recipe) => typesOf(grouped, recipe, "attn_v"))).toEqual([
      "3·Q4_K",
      "3·Q4_K",
      "3·Q5_K",
    ]);
  });

  it("guards the first second feed-forward matrices of 32-blocks with an importance matrix", async () => {
    const model = await wideModel(16, 4, false);
    expect(typesOf(model, "Q4_0", "ffn_down", true)).toBe("2·Q4_1 14·Q4_0");
    expect(typesOf(model, "Q5_0", "ffn_down", true)).toBe("2·Q5_1 14·Q5_0");
    expect(typesOf(model, "IQ4_XS", "ffn_down", true)).toBe("16·IQ4_XS");
  });

  it.each([
    ["Q4_K_M", "Q4_K", "Q6_K"],
    ["Q8_0", "Q8_0", "Q8_0"],
    ["Q2_0", "Q4_K", "Q6_K"],
    ["TQ2_0", "Q4_K", "Q6_K"],
    ["MXFP4", "Q8_0", "Q8_0"],
    ["BF16", "BF16", "BF16"],
  ])("%s keeps the embedding in %s and the output in %s", async (recipe, embedding, output) => {
    const types = chooseTypes(await wideModel(2, 4, false), ggufRecipe(recipe));
    expect(types.get("token_embd.weight")).toEqual({ type: embedding });
    expect(types.get("output.weight")).toEqual({ type: output });
    const tied = chooseTypes(await wideModel(2, 4, true), ggufRecipe(recipe));
    expect(tied.get("token_embd.weight")).toEqual({ type: output });
  });

  it("keeps vectors in F32, and with isPure gives everything else one type", async () => {
    for (const recipe of GGUF_RECIPES) {
      const types = chooseTypes(await wideModel(9, 1, false), recipe, { isPure: true });
      expect(new Set([...types].map(([name, { type }]) => (name.includes("norm") ? type === "F32" : type)))).toEqual(
        new Set([recipe.type, true]),
      );
    }
  });

  withSharedData("types of llama.cpp's own Q4_K_M", "gguf/babyllama105-Q4_K_M.gguf", (path) => {
    it("gives the types of a file of llama.cpp whose rows are no multiples of 256", async () => {
      const backend = createReferenceBackend();
      const file = await openGguf(createMemorySource(readFileSync(path)));
      const { checkpoint, config } = await huggingFaceView(file);
      const model = await exportModel({ name: "babyllama105", checkpoint, config }, backend);
      const types = chooseTypes(model, ggufRecipe("Q4_K_M"));
      const names = file.tensors.map(({ name }) => name);
      expect(model.tensors.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
      for (const name of names) expect([name, types.get(name)!.type]).toEqual([name, file.ggufTensor(name)!.type]);
      expect(types.get("blk.0.attn_v.weight")).toEqual({ type: "Q5_0", instead: "Q4_K" });
    });
  });
});

describe("fallbackType", () => {
  it.each([
    ["Q4_K", 256, "Q4_K"],
    ["Q4_K", 288, "Q5_0"],
    ["Q5_K", 288, "Q5_1"],
    ["Q6_K", 288, "Q8_0"],
    ["Q3_K", 288, "Q4_0"],
    ["IQ4_XS", 288, "IQ4_NL"],
    ["TQ1_0", 288, "Q4_0"],
    ["Q2_0", 96, "Q4_0"],
    ["Q1_0", 64, "F16"],
    ["Q4_K", 172, "F16"],
    ["Q8_0", 172, "F16"],
    ["F32", 172, "F32"],
  ] as const)("%s of %d columns is %s", (type, columns, expected) => {
    expect(fallbackType(type, columns)).toBe(expected);
  });
});

describe("ggufRecipe", () => {
  it("knows names in small letters and llama-quantize's short ones", () => {
    expect(["q4_k_m", "Q4_K", "Q3_K", "q5_k"].map((name) => ggufRecipe(name).name)).toEqual([
      "Q4_K_M",
      "Q4_K_M",
      "Q3_K_M",
      "Q5_K_M",
    ]);
  });

  it.each(["Q7_K", "", "IQ2_XXS"])("refuses %j", (name) => {
    expect(() => ggufRecipe(name)).toThrow(expect.objectContaining({ code: "model/gguf-recipe" }));
  });

  it("has a number of its own for every file type", () => {
    expect(new Set(GGUF_RECIPES.map(({ fileType }) => fileType)).size).toBe(GGUF_RECIPES.length);
  });
});

describe("fileTypeOf", () => {
  it("is the number of the type that most matrices have", () => {
    expect(fileTypeOf(["Q4_0", "Q4_0", "F16"])).toBe(2);
    expect(fileTypeOf(["IQ3_S"])).toBe(26);
    expect(fileTypeOf(["F32"])).toBe(0);
  });
});
