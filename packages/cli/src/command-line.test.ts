import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT_CODES } from "./exit-codes.js";
import { lowbit, requireBuild, startLowbit, TINY_LLAMA } from "./run-lowbit.fixture.js";

let folder: string;
let before: string[];
beforeAll(async () => {
  requireBuild();
  folder = await mkdtemp(join(tmpdir(), "lowbit-command-line-"));
  await mkdir(join(folder, "empty"));
  await mkdir(join(folder, "there"));
  await writeFile(join(folder, "text.txt"), "no tensors");
  await writeFile(join(folder, "short.safetensors"), "no");
  await writeFile(join(folder, "cut.safetensors"), new Uint8Array([100, 0, 0, 0, 0, 0, 0, 0, 123]));
  await writeFile(join(folder, "recipe.json"), '[{"match":"*","method":"rtn","bits":3}]');
  // A sound header without the values behind it: 8 + 64 bytes.
  const header = '{"w":{"dtype":"F32","shape":[8,8],"data_offsets":[0,256]}}'.padEnd(64);
  await writeFile(join(folder, "hollow.safetensors"), Buffer.from([64, 0, 0, 0, 0, 0, 0, 0, ...Buffer.from(header)]));
  await truncate(join(folder, "hollow.safetensors"), 100);
  before = (await readdir(folder)).toSorted();
});
afterAll(() => rm(folder, { recursive: true }));

/** "@name" is a path in the test's folder, "@model" the bundled model. */
const expand = (text: string): string[] =>
  text
    .split(" ")
    .filter((word) => word !== "")
    .map((word) => {
      if (!word.startsWith("@")) return word === '""' ? "" : word;
      return word === "@model" ? TINY_LLAMA : join(folder, word.slice(1));
    });

const { usage, failure } = EXIT_CODES;
const MISTAKES: readonly (readonly [command: string, exitCode: number, code: string, says: RegExp])[] = [
  ["nope", usage, "options/command-line", /unknown command 'nope'/],
  ["inspect", usage, "options/command-line", /missing required argument 'path'/],
  ["inspect @model --bogus", usage, "options/command-line", /unknown option '--bogus'/],
  ["inspect @model more", usage, "options/command-line", /too many arguments/],
  ["inspect @missing", failure, "bytes/cannot-open", /missing.*ENOENT/],
  ["inspect @text.txt", failure, "safetensors/no-model", /text\.txt/],
  ["inspect @empty", failure, "safetensors/no-model", /holds no \.safetensors file/],
  ["inspect @short.safetensors", failure, "safetensors/file-too-small", /has 2 bytes/],
  ["inspect @cut.safetensors", failure, "safetensors/header-past-end", /100 bytes/],
  ["inspect @model --sort size", usage, "options/command-line", /name, bytes, parameters, bpw/],
  ["inspect @model --tensor zzz*", usage, "options/unmatched-glob", /"zzz\*" matches no tensor/],
  ["inspect @model --all", usage, "options/command-line", /--all needs --tree/],
  ["inspect @model --validate --tree", usage, "options/command-line", /cannot be used with/],
  ["stats @hollow.safetensors", failure, "safetensors/data-truncated", /hollow/],
  ["stats @model --tensor zzz", usage, "options/unmatched-glob", /"zzz"/],
  ["stats @model --outliers 6", usage, "options/command-line", /sigma:FACTOR, quantile:SHARE/],
  ["stats @model --outlier-map nope --png @x.png", usage, "options/unknown-tensor", /no tensor "nope"/],
  ["stats @model --outlier-map nope", usage, "options/command-line", /needs --png FILE/],
  ["stats @model --window 0:1,0:1", usage, "options/command-line", /--window needs --outlier-map TENSOR/],
  ["stats @model --quantity sign", usage, "options/command-line", /--quantity needs --outlier-map TENSOR/],
  ["stats @model --csv --places", usage, "options/command-line", /cannot be used with/],
  ["inspect @model --csv --tree", usage, "options/command-line", /cannot be used with/],
  ["stats @model --png @x.png", usage, "options/command-line", /needs --outlier-map TENSOR/],
  ["generate @model", usage, "options/command-line", /'--prompt <text>' not specified/],
  ["generate @model --prompt x --kv-bits 3", usage, "options/command-line", /2, 4, 8, 16, 32/],
  ["generate @model --prompt x --activation-bits 2", usage, "options/command-line", /8, 4/],
  ["generate @model --prompt x --max-tokens 0", usage, "options/command-line", /whole number from 1/],
  ["generate @model --prompt x --temperature -1", usage, "options/command-line", /a number from 0/],
  ["generate @model --prompt x --temperature 1 --top-p 2", usage, "options/command-line", /above 0 up to 1/],
  ["generate @model --prompt x --top-k 5", usage, "options/command-line", /--top-k needs a --temperature/],
  ["generate @model --prompt x --system y", usage, "options/command-line", /--system needs --chat/],
  ["generate @model --prompt x --chat", failure, "tokenizer/no-chat-template", /no chat template/],
  ["quantize @model @out", usage, "options/command-line", /Give --method NAME, or --target-bpw BITS/],
  ["quantize @model @out --method nope", usage, "options/unknown-method", /"nope"; known: rtn, /],
  ["quantize @model @out --method rtn --bits 9", usage, "options/invalid-value", /"9"; allowed: .* 1 to 8/],
  ["quantize @model @out --method rtn --planes 2", usage, "options/unknown-option", /"planes"; it has bits/],
  ["quantize @model @out --method rtn --threads 0", usage, "options/command-line", /1 to 256/],
  ["quantize @model @out --method rtn --backend cuda", usage, "options/command-line", /native, wasm, reference/],
  ["quantize @model @out --method rtn --max-memory lots", usage, "options/command-line", /such as 5GB/],
  ["quantize @model @out --method rtn --max-memory 1kB", failure, "pipeline/memory-limit", /at least \d+ bytes/],
  [
    "quantize @model @out --method rtn --keep-split --max-shard-size 1MB",
    usage,
    "options/command-line",
    /cannot be used/,
  ],
  ["quantize @model @out --method rtn --override rtn", usage, "options/invalid-override", /GLOB=METHOD/],
  ["quantize @model @out --method rtn --override *=rtn:bits=77", usage, "options/invalid-value", /"77"/],
  ["quantize @model @out --method rtn --skip zzz", failure, "pipeline/unmatched-rule", /--skip "zzz"/],
  ["quantize @model @out --method rtn --skip *", failure, "pipeline/nothing-to-do", /All \d+ tensors/],
  ["quantize @model @out --method rtn --recipe @recipe.json", usage, "options/invalid-recipe", /recipe\.json/],
  ['quantize @model "" --method rtn', usage, "options/command-line", /invalid for argument 'out'/],
  ["quantize @missing @out --method rtn", failure, "bytes/cannot-open", /missing/],
  ["quantize @model @there --method rtn", failure, "pipeline/output-exists", /exists already/],
  ["quantize @model @text.txt/out --method rtn", failure, "pipeline/write-failed", /ENOTDIR/],
  ["quantize @empty @empty/out --method rtn", failure, "safetensors/no-model", /empty/],
  ["compare @model @missing", failure, "bytes/cannot-open", /missing/],
  ["compare @model @model --tensor zzz", usage, "options/unmatched-glob", /"zzz"/],
  ["compare @model @model --tolerance -1", usage, "options/command-line", /from 0 on/],
  ["dequantize @model @out", failure, "pipeline/not-quantized", /holds no quantized weight/],
  ["dequantize @model @out --dtype f64", usage, "options/command-line", /bf16, f16, f32/],
  ["calibrate @model --out @s.safetensors", usage, "options/command-line", /--text, --tokens or --self-generate/],
  ["calibrate @model --text @text.txt", usage, "options/command-line", /'--out <file>' not specified/],
  ["calibrate @model --text @text.txt --out @s.txt", usage, "options/command-line", /ends in \.safetensors/],
  [
    "calibrate @model --text @text.txt --self-generate --out @s.safetensors",
    usage,
    "options/command-line",
    /cannot be used/,
  ],
  [
    "calibrate @model --text @text.txt --out @s.safetensors --collect kurtosis",
    usage,
    "options/command-line",
    /"kurtosis" is none of hessian, /,
  ],
  ["calibrate @model --text @text.txt --out @s.safetensors", failure, "calibration/text-too-short", /255 of them/],
  ["calibrate @model --tokens @text.txt --out @s.safetensors", failure, "evaluate/invalid-tokens", /no JSON/],
  ["calibrate @model --text @missing --out @s.safetensors", failure, "bytes/cannot-open", /missing/],
  ["calibrate @missing --text @text.txt --out @s.safetensors", failure, "model/no-config", /missing/],
  [
    "calibrate @model --text @text.txt --out @none/s.safetensors --dry-run",
    failure,
    "pipeline/write-failed",
    /s\.safetensors: cannot be written \(ENOENT\)/,
  ],
  ["calibrate @model --text @text.txt --out @short.safetensors", failure, "pipeline/output-exists", /exists already/],
  [
    "calibrate @model --text @text.txt --out @s.safetensors --sample-length 300",
    failure,
    "calibration/invalid-option",
    /300; allowed are integers from 1 to 256/,
  ],
  [
    "calibrate @model --text @text.txt --out @s.safetensors --max-memory 1kB",
    failure,
    "calibration/memory-limit",
    /at least \d+ bytes/,
  ],
  ["methods toString", usage, "options/unknown-method", /known: rtn, /],
  ["bench quantize --directory @missing", failure, "pipeline/write-failed", /missing/],
];

describe.concurrent("a mistake", { timeout: 60_000 }, () => {
  it.each(MISTAKES)("%s → %i, %s", async (command, exitCode, code, says) => {
    const answer = await lowbit([...expand(command), "--json"]);
    const { error } = JSON.parse(answer.stdout) as { error: { code: string; message: string; remedy: string } };
    expect({ exitCode: answer.exitCode, code: error.code }).toEqual({ exitCode, code });
    expect(error.message).toMatch(says);
    expect(error.remedy).not.toBe("");
  });
});

describe("without --json", { timeout: 60_000 }, () => {
  it("errors go to standard error with code and remedy, nothing to standard output", async () => {
    const { exitCode, stdout, stderr } = await lowbit(expand("inspect @missing"));
    expect({ exitCode, stdout }).toEqual({ exitCode: failure, stdout: "" });
    expect(stderr).toMatch(/^error \[bytes\/cannot-open\] .*missing.*\n→ .+\n$/);
  });

  it("all of these have left nothing behind", async () => {
    expect((await readdir(folder)).toSorted()).toEqual(before);
  });

  it("prints no colours where output is redirected", async () => {
    for (const command of ["inspect @model --tree", "stats @model --tensor *.0.mlp.*", "methods", "doctor"]) {
      const { exitCode, stdout } = await lowbit(expand(command));
      expect(exitCode, command).toBe(0);
      expect(stdout).not.toContain("\u001b");
      expect(stdout.split("\n").length, command).toBeGreaterThan(4);
    }
  });

  it("an unknown instruction set: doctor still answers, with exit code 3", async () => {
    const { exitCode, stdout } = await lowbit(["doctor", "--json"], { LOWBIT_ISA: "no-such-set" });
    expect(exitCode).toBe(failure);
    const diagnosis = JSON.parse(stdout) as { backend?: unknown; attempts: { taken: boolean; reason: string }[] };
    expect(diagnosis.backend).toBeUndefined();
    expect(diagnosis.attempts.length).toBeGreaterThan(1);
    expect(diagnosis.attempts.every(({ taken }) => !taken)).toBe(true);
  });

  it("an output path may end in a slash", async () => {
    const output = join(folder, "slash");
    const { exitCode } = await lowbit(["quantize", TINY_LLAMA, `${output}/`, "--method", "rtn", "--threads", "1"]);
    expect(exitCode).toBe(0);
    expect(await readdir(folder)).not.toContain("slash.partial");
    await rm(output, { recursive: true });
  });

  it("ends without complaint when nobody reads any more", async () => {
    const running = startLowbit(["inspect", TINY_LLAMA, "--json"]);
    running.stopReading();
    expect(await running.ended).toMatchObject({ exitCode: 0, stderr: "" });
  });

  it.runIf(process.platform === "linux")("an output where no directory can be made ends, with its code", async () => {
    const { exitCode, stderr } = await lowbit(["quantize", TINY_LLAMA, "/proc/lowbit-out", "--method", "rtn"]);
    expect(exitCode).toBe(failure);
    expect(stderr).toContain("[pipeline/write-failed]");
  });
});
