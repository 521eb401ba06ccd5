import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tensorMatcher } from "../tensor-glob.js";
import { readRecipe } from "./recipe.js";
import { KEEP, parseOverride, toTensorRule } from "./rule-text.js";

describe("parseOverride", () => {
  it.each([
    ["*.q_proj.weight=hqq", { glob: "*.q_proj.weight", method: "hqq", options: {} }],
    ["*=rtn:bits=3,group=row", { glob: "*", method: "rtn", options: { bits: "3", group: "row" } }],
    ["lm_head.weight=keep", { glob: "lm_head.weight", method: KEEP, options: {} }],
  ])("%s", (text, expected) => {
    expect(parseOverride(text)).toEqual({ origin: `--override "${text}"`, ...expected });
  });

  it.each([
    "",
    "glob",
    "=rtn",
    "glob=",
    "glob=rtn:",
    "glob=rtn:bits",
    "glob=rtn:bits=",
    "glob=rtn:bits=1=2",
    "g=rtn:bits=1,bits=2",
  ])("refuses %j", (text) => {
    expect(() => parseOverride(text)).toThrow(expect.objectContaining({ code: "options/invalid-override" }));
  });
});

describe("tensorMatcher", () => {
  it("lets a star stand for dots as well", () => {
    const matches = tensorMatcher("*.down_proj.*");
    expect(matches("model.layers.10.mlp.down_proj.weight")).toBe(true);
    expect(matches("model.layers.10.mlp.up_proj.weight")).toBe(false);
    expect(tensorMatcher("model.layers.{0,1}.*")("model.layers.1.a.b")).toBe(true);
    expect(tensorMatcher("lm_head.weight")("model.lm_head.weight")).toBe(false);
  });
});

describe("toTensorRule", () => {
  it("turns keep into an action of its own", () => {
    expect(toTensorRule(parseOverride("a=keep")).action).toEqual({ kind: "keep" });
    expect(toTensorRule(parseOverride("a=rtn:bits=2")).action).toEqual({
      kind: "quantize",
      method: "rtn",
      options: { bits: "2" },
    });
  });
});

describe("readRecipe", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "lowbit-recipe-"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const write = async (text: string): Promise<string> => {
    await writeFile(join(folder, "recipe.json"), text);
    return join(folder, "recipe.json");
  };

  it("reads rules in order", async () => {
    const path = await write(
      '[{"match":"*.o_proj.*","method":"hqq","options":{"bits":3}},{"match":"*","method":"keep"}]',
    );
    expect(await readRecipe(path)).toEqual([
      { origin: 'recipe rule 1 ("*.o_proj.*")', glob: "*.o_proj.*", method: "hqq", options: { bits: 3 } },
      { origin: 'recipe rule 2 ("*")', glob: "*", method: "keep", options: {} },
    ]);
  });

  it.each([
    "not json",
    "{}",
    '[{"match":"*"}]',
    '[{"match":"","method":"rtn"}]',
    '[{"match":"*","method":"rtn","bits":3}]',
  ])("refuses %s", async (text) => {
    await expect(readRecipe(await write(text))).rejects.toThrow(
      expect.objectContaining({ code: "options/invalid-recipe" }),
    );
  });

  it("refuses a missing file", async () => {
    await expect(readRecipe(join(folder, "missing.json"))).rejects.toThrow(
      expect.objectContaining({ code: "options/invalid-recipe" }),
    );
  });
});
