import { readdirSync, readFileSync } from "node:fs";
import { COMPILED_OPS, REFERENCE_OPS } from "@lowbit/core/backend";
import { describe, expect, it } from "vitest";
import { ALL_CASES } from "./cases/all-cases.js";

const OPS = Object.keys(REFERENCE_OPS).sort();

describe("the conformance suite", () => {
  it("has cases for every op, and for nothing else", () => {
    expect(OPS.length).toBeGreaterThan(30);
    expect(Object.keys(ALL_CASES).sort()).toEqual(OPS);
  });

  it("reads every cases file", () => {
    const list = readFileSync(new URL("./cases/all-cases.ts", import.meta.url), "utf8");
    const files = readdirSync(new URL("./cases/", import.meta.url)).filter((name) => name.endsWith(".cases.ts"));
    expect(files.length).toBeGreaterThan(20);
    expect(files.filter((name) => !list.includes(`"./${name.replace(/ts$/, "js")}"`))).toEqual([]);
  });

  it("knows every op that has a kernel", () => {
    expect(OPS).toEqual(expect.arrayContaining(Object.keys(COMPILED_OPS)));
  });
});
