import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const read = (name: string): unknown => JSON.parse(readFileSync(`${ROOT}/${name}`, "utf8"));

describe("texts that can be translated", () => {
  it("the exported bundle is current", () => {
    const check = spawnSync(process.execPath, ["scripts/export-texts.mjs", "--check"], { cwd: ROOT, encoding: "utf8" });
    expect(check.stderr).toBe("");
    expect(check.status).toBe(0);
  }, 60_000);

  it("holds texts of host and pages", () => {
    expect(Object.keys(read("l10n/bundle.l10n.json") as object)).toEqual(
      expect.arrayContaining(["Quantizing {0}", "Compare with"]),
    );
  });

  it("package.nls.json has every text of the manifest, and no other", () => {
    const used = [...readFileSync(`${ROOT}/package.json`, "utf8").matchAll(/"%([\w.]+)%"/g)].map(([, name]) => name);
    expect([...new Set(used)].sort()).toEqual(Object.keys(read("package.nls.json") as object).sort());
  });

  it("the manifest itself has no text that could not be translated", () => {
    const { contributes } = read("package.json") as { contributes: unknown };
    const literal: string[] = [];
    const visit = (value: unknown, key: string): void => {
      if (Array.isArray(value)) for (const item of value) visit(item, key);
      else if (typeof value === "object" && value !== null)
        for (const [name, inner] of Object.entries(value)) visit(inner, name);
      else if (typeof value === "string" && /^(title|description|markdownDescription|contents|altText)$/.test(key))
        if (!/^%[\w.]+%$/.test(value) && value !== "lowbit") literal.push(`${key}: ${value}`);
    };
    visit(contributes, "");
    expect(literal).toEqual([]);
  });
});
