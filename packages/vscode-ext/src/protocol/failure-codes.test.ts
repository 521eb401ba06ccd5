import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { REQUEST_SCHEMAS } from "./request-schemas.js";

const SOURCES = fileURLToPath(new URL("..", import.meta.url));

/** Codes of ours that the sources name; requests look the same and are none. */
function codesOfSources(): string[] {
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter(
    (file) => /\.ts$/.test(file) && !/\.(test|fixture)\.ts$/.test(file),
  );
  const texts = files.map((file) => readFileSync(join(SOURCES, file), "utf8"));
  const found = texts.flatMap((text) => text.match(/(?<=")(engine|host|protocol|webview)\/[a-z-]+(?=")/g) ?? []);
  return [...new Set(found)].filter((code) => !Object.hasOwn(REQUEST_SCHEMAS, code)).toSorted();
}

describe("failure codes", () => {
  it("are in the table of engine/README.md, and no others are", () => {
    const table = readFileSync(join(SOURCES, "engine", "README.md"), "utf8").split("\n");
    const codes = table.flatMap((line) => line.match(/^\| [^|]*/)?.[0].match(/(?<=`)[a-z]+\/[a-z-]+(?=`)/g) ?? []);
    expect(codes.toSorted()).toEqual(codesOfSources());
  });
});
