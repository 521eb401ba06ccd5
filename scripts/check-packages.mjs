// Packs every public package and checks what users would install: publint, are-the-types-wrong, no dependencies in core,
// and that core works when it is installed alone from its tarball.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT, runTool, toolEnvironment } from "./toolchain.mjs";

const scratch = mkdtempSync(join(tmpdir(), "lowbit-pack-"));
const problems = [];
const tarballs = new Map();

for (const folder of readdirSync(join(ROOT, "packages")).sort()) {
  const cwd = join(ROOT, "packages", folder);
  const manifest = JSON.parse(readFileSync(join(cwd, "package.json"), "utf8"));
  if (manifest.private) continue;
  console.log(`${manifest.name}`);
  execFileSync("pnpm", ["pack", "--pack-destination", scratch], {
    cwd,
    env: toolEnvironment(),
    stdio: ["ignore", "ignore", "inherit"],
  });
  const tarball = join(scratch, `${manifest.name.replace("@", "").replace("/", "-")}-${manifest.version}.tgz`);
  tarballs.set(manifest.name, tarball);
  const listing = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" });
  if (!listing.includes("package/LICENSE")) problems.push(`${manifest.name}: no LICENSE in the tarball`);
  if (!listing.includes("package/README.md")) problems.push(`${manifest.name}: no README.md in the tarball`);
  if (/\.test\.(js|d\.ts)/.test(listing)) problems.push(`${manifest.name}: tests in the tarball`);
  if (runTool("publint", [tarball, "--strict"]) !== 0) problems.push(`${manifest.name}: publint`);
  // A command has no types to resolve.
  if (!manifest.bin && runTool("attw", [tarball, "--profile", "esm-only", "--quiet"]) !== 0)
    problems.push(`${manifest.name}: attw`);
}

const alone = join(scratch, "alone");
execFileSync("mkdir", ["-p", alone]);
writeFileSync(join(alone, "package.json"), '{ "private": true, "type": "module" }\n');
const core = tarballs.get("@lowbit/core");
runTool("npm", ["install", "--silent", "--no-audit", "--no-fund", "--offline", core], { cwd: alone });
const installed = readdirSync(join(alone, "node_modules")).filter((name) => !name.startsWith("."));
if (installed.join() !== "@lowbit") problems.push(`@lowbit/core brought dependencies: ${installed.join(", ")}`);
const subpaths = Object.keys(JSON.parse(readFileSync(join(ROOT, "packages/core/package.json"), "utf8")).exports).filter(
  (key) => !key.includes("*") && !key.endsWith(".json"),
);
for (const subpath of subpaths) {
  const specifier = `@lowbit/core${subpath.slice(1)}`;
  const loaded = spawnSync(
    "node",
    ["--input-type=module", "-e", `if (Object.keys(await import("${specifier}")).length === 0) process.exit(1)`],
    {
      cwd: alone,
      env: toolEnvironment(),
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  if (loaded.status !== 0)
    problems.push(`${specifier} does not load, or exports nothing, when core is installed alone`);
}
console.log(`@lowbit/core alone: ${installed.length} package, ${subpaths.length} subpaths load`);

rmSync(scratch, { recursive: true, force: true });
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 || tarballs.size === 0 ? 1 : 0);
