// npm test: sets everything up, then every check and every test. Ends with "N passed, N failed".
//
//   npm test -- --only vitest      only the steps whose name contains the word

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT, runTool, toolEnvironment } from "./toolchain.mjs";

const scratch = mkdtempSync(join(tmpdir(), "lowbit-test-"));
const onlyAt = process.argv.indexOf("--only");
const only = onlyAt > 0 ? process.argv[onlyAt + 1] : "";
const tally = { passed: 0, failed: 0, skipped: 0 };
const failures = [];

/** A check that either holds or not counts as one test. */
function check(name, command, args) {
  if (!name.includes(only)) return;
  console.log(`\n--- ${name}`);
  const started = Date.now();
  const passed = runTool(command, args) === 0;
  tally[passed ? "passed" : "failed"]++;
  if (!passed) failures.push(name);
  console.log(`--- ${name}: ${passed ? "passed" : "FAILED"} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/** A package's vitest suite counts test by test; a suite that ran nothing is a failure. */
function suite(packageName, { name = `vitest ${packageName}`, config = [] } = {}) {
  if (!name.includes(only)) return;
  console.log(`\n--- ${name}`);
  const report = join(scratch, `${name.replaceAll(" ", "-")}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const status = runTool("vitest", ["run", ...config, ...reporters], { cwd: join(ROOT, "packages", packageName) });
  const result = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : undefined;
  const passed = result?.numPassedTests ?? 0;
  const failed = result?.numFailedTests ?? 0;
  tally.passed += passed;
  tally.skipped += result?.numPendingTests ?? 0;
  // A non-zero exit without a failed test is a suite that could not be loaded.
  tally.failed += status !== 0 && failed === 0 ? 1 : failed;
  if (status !== 0 || passed === 0) failures.push(name);
  if (status === 0 && passed === 0) tally.failed++;
}

/** The extension in a desktop VS Code, where there is one; its last line is "N passed, N failed, N skipped". */
function desktopSuite() {
  const name = "extension in a desktop VS Code";
  if (!name.includes(only)) return;
  console.log(`\n--- ${name}`);
  const { status, stdout } = spawnSync("node", ["test-electron/run.mjs"], {
    cwd: join(ROOT, "packages", "vscode-ext"),
    env: toolEnvironment(),
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
  });
  process.stdout.write(stdout);
  const [, passed, failed, skipped] = /(\d+) passed, (\d+) failed, (\d+) skipped\s*$/.exec(stdout) ?? [0, 0, 1, 0];
  tally.passed += Number(passed);
  tally.failed += status !== 0 && Number(failed) === 0 ? 1 : Number(failed);
  tally.skipped += Number(skipped);
  if (status !== 0) failures.push(name);
}

console.log("--- set-up");
if (runTool(process.execPath, [join(ROOT, "scripts", "setup.mjs"), "--test"]) !== 0) {
  console.log("\nset-up failed; nothing was tested\n0 passed, 1 failed");
  process.exit(1);
}

check("types", "turbo", ["run", "typecheck", "--output-logs=errors-only"]);
check("format and lint", "biome", ["ci", "--colors=off", "--max-diagnostics=50", "."]);
check("import directions", "depcruise", ["--config", ".dependency-cruiser.mjs", "packages"]);
check("file sizes and names", "node", ["scripts/check-layout.mjs"]);
check("generated documents", "node", ["scripts/generate-docs.mjs", "--check"]);
check("unused code and dependencies", "knip", []);
check("published packages", "node", ["scripts/check-packages.mjs"]);
check("examples", "node", ["scripts/run-examples.mjs"]);
check("bundle size", "size-limit", []);
for (const folder of readdirSync(join(ROOT, "packages")).sort()) {
  const sources = join(ROOT, "packages", folder, "src");
  // By the tests themselves, so that no package leaves the run because a configuration is missing.
  if (readdirSync(sources, { recursive: true }).some((file) => file.endsWith(".test.ts"))) suite(folder);
}
suite("vscode-ext", { name: "extension in a workbench", config: ["--config", "vitest.e2e.config.ts"] });
desktopSuite();

rmSync(scratch, { recursive: true, force: true });
if (failures.length > 0) console.log(`\nfailed: ${failures.join("; ")}`);
console.log(`\n${tally.passed} passed, ${tally.failed} failed${tally.skipped > 0 ? `, ${tally.skipped} skipped` : ""}`);
process.exit(tally.failed === 0 ? 0 : 1);
