import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HEADER_ATTACKS } from "../../../../attacks/index.mjs";
import { DTYPES, type Dtype } from "../dtype/dtype-table.js";
import { openCheckpoint } from "../node/open-checkpoint.js";
import { type TensorData, writeSafetensors } from "./write-safetensors.js";

/** The package has no name for the two 6-bit dtypes, although its core reads and writes them. */
const PYTHON_NAMES: Partial<Record<Dtype, string>> = {
  BOOL: "bool",
  F4: "float4_e2m1fn_x2",
  U8: "uint8",
  I8: "int8",
  F8_E5M2: "float8_e5m2",
  F8_E4M3: "float8_e4m3fn",
  F8_E8M0: "float8_e8m0fnu",
  F8_E4M3FNUZ: "float8_e4m3fnuz",
  F8_E5M2FNUZ: "float8_e5m2fnuz",
  I16: "int16",
  U16: "uint16",
  F16: "float16",
  BF16: "bfloat16",
  I32: "int32",
  U32: "uint32",
  F32: "float32",
  C64: "complex64",
  F64: "float64",
  I64: "int64",
  U64: "uint64",
};

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const PYTHON = process.env["LOWBIT_PYTHON"] ?? join(ROOT, ".tools/python/bin/python");
const FIXTURE = fileURLToPath(new URL("./python-interop.fixture.py", import.meta.url));

const isThere = existsSync(PYTHON);
if (!isThere) {
  console.log(`Interop with the Python package safetensors was not tested: no ${PYTHON} (set LOWBIT_PYTHON).`);
}

function python(request: unknown): { version: string; read: ([string, string, number[], string][] | string)[] } {
  const output = execFileSync(PYTHON, [FIXTURE], {
    input: JSON.stringify(request),
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(output);
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** Two tensors of every dtype, one of them empty, in an order that no writer would keep. */
function tensorsOf(dtypes: readonly Dtype[]): TensorData[] {
  return dtypes.flatMap((dtype, index) => {
    const byteLength = (24 * DTYPES[dtype].bits) / 8;
    const data = Uint8Array.from({ length: byteLength }, (_, at) =>
      DTYPES[dtype].class === "boolean" ? at & 1 : at * 37,
    );
    return [
      { name: `z.${index % 5}.é"${dtype}`, dtype, shape: [3, 8], data },
      { name: `a.${index}`, dtype, shape: [0, 4], data: new Uint8Array(0) },
    ];
  });
}

/** As PyTorch counts: two F4 elements are one element of storage. */
function storageShape({ dtype, shape }: TensorData): readonly number[] {
  return dtype === "F4" ? [...shape.slice(0, -1), shape.at(-1)! / 2] : shape;
}

describe.runIf(isThere)("the Python package safetensors", () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "lowbit-interop-"));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it("writes the same bytes as lowbit, for every dtype that it can name, with and without metadata", async () => {
    const tensors = tensorsOf(Object.keys(PYTHON_NAMES) as Dtype[]);
    const specs = tensors.map((tensor) => [
      tensor.name,
      PYTHON_NAMES[tensor.dtype],
      storageShape(tensor),
      hex(tensor.data),
    ]);
    // One metadata key: with more the package writes them in random order.
    const [plain, described] = [join(directory, "plain.safetensors"), join(directory, "described.safetensors")];
    python({
      write: [
        [plain, specs, null],
        [described, specs, { format: "p\t" }],
      ],
    });
    expect(hex(writeSafetensors(tensors))).toBe(hex(readFileSync(plain)));
    expect(hex(writeSafetensors(tensors, { format: "p\t" }))).toBe(hex(readFileSync(described)));
    const checkpoint = await openCheckpoint(described);
    for (const { name, dtype, shape, data } of tensors) {
      const found = checkpoint.tensor(name)!;
      expect(found).toMatchObject({ dtype, shape });
      const bytes = new Uint8Array(found.byteLength);
      await checkpoint.read(found, 0, bytes);
      expect(bytes).toEqual(data);
    }
    await checkpoint.close();
  });

  it("reads every dtype that lowbit writes, the 6-bit ones too", () => {
    const tensors = tensorsOf(Object.keys(DTYPES) as Dtype[]);
    const path = join(directory, "ours.safetensors");
    writeFileSync(path, writeSafetensors(tensors, { b: "2", a: "1" }));
    const [read] = python({ read: [path] }).read as [[string, string, number[], string][]];
    const byName = new Map(read.map(([name, ...rest]) => [name, rest]));
    for (const { name, dtype, shape, data } of tensors) expect(byName.get(name)).toEqual([dtype, shape, hex(data)]);
    expect(read.length).toBe(tensors.length);
  });

  it("accepts and refuses the hostile files as noted there", () => {
    const paths = HEADER_ATTACKS.map(({ name, bytes }) => {
      const path = join(directory, `${name}.attack`);
      writeFileSync(path, bytes);
      return path;
    });
    const { read } = python({ read: paths });
    const answers = HEADER_ATTACKS.map(({ name }, index) => [name, typeof read[index] === "string" ? "refused" : "ok"]);
    const expected = HEADER_ATTACKS.map(({ name, code, reference }) => [
      name,
      reference ?? (code === "ok" ? "ok" : "refused"),
    ]);
    expect(answers).toEqual(expected);
  });
});
