// node test-electron/run.mjs, in packages/vscode-ext: the built extension in a desktop VS Code.
//
//   VSCODE_TEST_EXECUTABLE=/usr/share/code/code    runs in this one
//   LOWBIT_VSCODE_DOWNLOAD=1                       fetches the newest one from update.code.visualstudio.com and runs in it
//
// With neither it says so and skips. On Linux a display is needed (xvfb-run is one).
// The last line is "N passed, N failed, N skipped".

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTests } from "@vscode/test-electron";

const PACKAGE = join(import.meta.dirname, "..");
const executable = process.env.VSCODE_TEST_EXECUTABLE;

/** Ends with the tally as the last line. */
function end(passed, failed, skipped) {
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exit(failed === 0 ? 0 : 1);
}

function fail(reason) {
  console.error(`desktop VS Code: ${reason}`);
  end(0, 1, 0);
}

if (!executable && process.env.LOWBIT_VSCODE_DOWNLOAD !== "1") {
  console.log("desktop VS Code: skipped, since VSCODE_TEST_EXECUTABLE names none and LOWBIT_VSCODE_DOWNLOAD is not 1");
  end(0, 0, 1);
}
if (executable && !existsSync(executable)) fail(`VSCODE_TEST_EXECUTABLE is ${executable}, where there is nothing`);
if (!existsSync(join(PACKAGE, "dist", "extension.cjs"))) fail('the extension is not built; run "npm run build"');

const scratch = mkdtempSync(join(tmpdir(), "lowbit-desktop-"));
const report = join(scratch, "report.json");
let reason;
try {
  await runTests({
    ...(executable ? { vscodeExecutablePath: executable } : {}),
    extensionDevelopmentPath: PACKAGE,
    extensionTestsPath: join(PACKAGE, "test-electron", "suite.cjs"),
    extensionTestsEnv: { LOWBIT_TEST_REPORT: report },
    launchArgs: [
      "--disable-extensions",
      `--user-data-dir=${join(scratch, "data")}`,
      `--extensions-dir=${join(scratch, "extensions")}`,
    ],
  });
} catch (error) {
  reason = error instanceof Error ? error.message : String(error);
}
const results = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : [];
rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
for (const { name, failure } of results)
  console.log(failure === undefined ? `  passed  ${name}` : `  FAILED  ${name}\n${failure}`);
const failed = results.filter(({ failure }) => failure !== undefined).length;
// A VS Code that ran no test, or that failed with all tests passed, is a failure of its own.
if (results.length === 0) fail(`it ran no test${reason === undefined ? "" : ` (${reason})`}`);
if (reason !== undefined && failed === 0) fail(reason);
end(results.length - failed, failed, 0);
