import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { randomTerm } from "../../terms/arbitrary-term.fixture.js";
import type { InputTransform } from "../../terms/input-transform.js";
import type { ScaleDtype, Term, TermLayout } from "../../terms/term.js";
import { termArray } from "../../terms/term-arrays.js";
import { filledWeight, lowbitFile } from "./lowbit-file.fixture.js";
import { weightTensors } from "./weight-tensors.js";

const REPOSITORY = fileURLToPath(new URL("../../../../../", import.meta.url));
const PYTHON = process.env["LOWBIT_PYTHON"] ?? join(REPOSITORY, ".tools/python/bin/python");

/** What the PyPI package sees; numpy has no BF16, so these bytes come from `deserialize`. */
const SCRIPT = `
import json, sys
from safetensors import deserialize, safe_open
raw = dict(deserialize(open(sys.argv[1], "rb").read()))
seen = {}
with safe_open(sys.argv[1], framework="numpy") as f:
    for name in f.keys():
        part = f.get_slice(name)
        dtype = part.get_dtype()
        data = bytes(raw[name]["data"]) if dtype == "BF16" else f.get_tensor(name).tobytes()
        seen[name] = [dtype, list(part.get_shape()), data.hex()]
    print(json.dumps({"metadata": f.metadata(), "tensors": seen}))
`;

const shape = { rows: 3, columns: 20 } as const;
const sharing = { granularity: "group", groupSize: 8 } as const;

/** Every kind, every array and every dtype that a term can have. */
function layouts(dtype: ScaleDtype): TermLayout[] {
  const affine = (["midpoint", "integer", "float", "minimum"] as const).map(
    (zero): TermLayout => ({ kind: "affine", ...shape, ...sharing, bits: 3, zero, scaleDtype: dtype }),
  );
  return [
    ...affine,
    {
      kind: "sign",
      ...shape,
      ...sharing,
      coveredColumns: 11,
      zones: 3,
      hasMean: true,
      hasColumnScale: true,
      scaleDtype: dtype,
    },
    { kind: "ternary", ...shape, ...sharing, packing: "base-3", scaleDtype: dtype },
    { kind: "codebook", ...shape, ...sharing, bits: 4, codebook: "nf4", scaleDtype: dtype },
    { kind: "sparse", ...shape, count: 7, indexDtype: dtype === "F32" ? "U32" : "U16", valueDtype: dtype },
    { kind: "dense", ...shape, coveredColumns: 2, valueDtype: dtype },
  ];
}

const transforms: InputTransform[] = [
  { layout: { kind: "permutation", columns: 20 }, arrays: { indices: new Uint8Array(80).fill(1) } },
  {
    layout: { kind: "channel-scale", columns: 20, scaleDtype: "BF16" },
    arrays: { scale: new Uint8Array(40).fill(63) },
  },
  { layout: { kind: "hadamard", columns: 20, size: 4 }, arrays: { signs: Uint8Array.of(1, 2, 3) } },
  {
    layout: { kind: "hadamard", columns: 20, size: 4, order: 4 },
    arrays: { signs: Uint8Array.of(1, 2, 3), core: Uint8Array.of(15, 5, 3, 9) },
  },
];

it("the PyPI package safetensors reads every array that we write", (context) => {
  if (!existsSync(PYTHON)) {
    console.log(
      `python-reads: skipped, there is no ${PYTHON}; set LOWBIT_PYTHON to a Python with safetensors and numpy`,
    );
    return context.skip("no Python");
  }
  const filled = (["F16", "BF16", "F32"] as const).map((dtype, i) =>
    filledWeight(
      `layers.${i}.weight`,
      layouts(dtype).map((layout, j) => randomTerm(layout, 1 + i + 3 * j)),
      transforms,
    ),
  );
  const folder = mkdtempSync(join(tmpdir(), "lowbit-python-"));
  try {
    const path = join(folder, "model.safetensors");
    writeFileSync(path, lowbitFile(filled));
    const seen = JSON.parse(execFileSync(PYTHON, ["-c", SCRIPT, path], { encoding: "utf8" }));
    expect(seen.metadata.format).toBe("pt");
    expect(Object.keys(JSON.parse(seen.metadata.lowbit).weights)).toEqual(filled.map(({ weight }) => weight.name));
    const wanted = filled.flatMap(({ weight, terms }) =>
      weightTensors(weight).map(({ name, dtype, shape: size, part, index, array }) => {
        const bytes = part === "terms" ? termArray(terms[index] as Term, array) : transforms[index]!.arrays[array]!;
        return [name, [dtype, size, Buffer.from(bytes).toString("hex")]] as const;
      }),
    );
    expect(seen.tensors).toEqual(Object.fromEntries(wanted));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
