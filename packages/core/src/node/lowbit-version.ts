import { readFileSync } from "node:fs";

/** Version of this package, written into every file that it makes. */
export function lowbitVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return manifest.version;
}
