// Kills `lowbit quantize` twenty times at random moments, goes on with --resume, and compares the finished outputs with
// that of an uninterrupted run, byte for byte. Needs the built package.
//
//   node scripts/kill-test.mjs [kills] [seed]

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generateCheckpoint } from "../dist/bench/generate-checkpoint.js";

const kills = Number(process.argv[2] ?? 20);
let state = Number(process.argv[3] ?? 1);
const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "lowbit-kill-"));
const input = join(folder, "model");

/** Runs the command; after `killAfterMs` it gets SIGKILL. Resolves with the exit code, null when it was killed. */
function quantize(output, killAfterMs) {
  const flags = [
    "--method",
    "rtn",
    "--shrink",
    "10",
    "--max-shard-size",
    "5MB",
    "--threads",
    "2",
    "--resume",
    "--json",
  ];
  const child = spawn(process.execPath, [main, "quantize", input, output, ...flags], { stdio: "ignore" });
  const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  return new Promise((resolve) =>
    child.on("exit", (code) => {
      clearTimeout(timer);
      resolve(code);
    }),
  );
}

function hashes(directory) {
  const digest = (name) =>
    createHash("sha256")
      .update(readFileSync(join(directory, name)))
      .digest("hex");
  return readdirSync(directory)
    .toSorted()
    .map((name) => `${name} ${digest(name)}`)
    .join("\n");
}

function random() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}

let failures = 0;
function check(holds, text) {
  if (holds) return;
  failures++;
  console.error(`FAILED: ${text}`);
}

try {
  await generateCheckpoint({ path: input, bytes: 3e7 });
  const started = performance.now();
  check((await quantize(join(folder, "whole"))) === 0, "the uninterrupted run ends well");
  const wholeMs = performance.now() - started;
  const expected = hashes(join(folder, "whole"));

  let killed = 0;
  let killedLate = 0;
  for (let attempt = 0; killed < kills; attempt++) {
    const output = join(folder, `out-${attempt}`);
    // Several kills one after another, then a run to the end: also what was resumed is killed again.
    for (let round = 0; round < 4 && killed < kills; round++) {
      const code = await quantize(output, random() * wholeMs);
      if (code === 0) break;
      check(code === null, `a run that was not killed ends well, not with ${code}`);
      killed++;
      if (existsSync(join(`${output}.partial`, "journal.jsonl"))) killedLate++;
      // A kill between the rename and the end of the process leaves a complete output (and perhaps the journal).
      check(!existsSync(output) || hashes(output) === expected, "an output that is there is complete");
      if (existsSync(output)) {
        rmSync(`${output}.partial`, { recursive: true, force: true });
        break;
      }
    }
    if (!existsSync(output)) check((await quantize(output)) === 0, "the resumed run ends well");
    check(hashes(output) === expected, `attempt ${attempt} gives the bytes of the uninterrupted run`);
    check(!existsSync(`${output}.partial`), "nothing is left beside the output");
    rmSync(output, { recursive: true });
  }
  console.log(
    `${killed} kills, ${killedLate} of them after work had begun; uninterrupted ${(wholeMs / 1000).toFixed(1)} s; ${failures} failures`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failures === 0 ? 0 : 1;
