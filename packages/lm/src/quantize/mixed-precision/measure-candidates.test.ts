import { LowbitError } from "@lowbit/core/errors";
import type { CalibratedQuantizer } from "@lowbit/core/quantizers";
import { createNativeBackend } from "@lowbit/kernels-native";
import { expect, it } from "vitest";
import type { StatisticsFile } from "../../calibration/statistics-file.js";
import { openModel } from "../../node/open-model.js";
import { TINY_LLAMA } from "../../tiny-llama.fixture.js";
import type { ResolvedCandidate } from "./candidate.js";
import { measureCandidates } from "./measure-candidates.js";

const LAYER = "model.layers.1.self_attn.k_proj.weight";

/** A method that suits no layer. */
const refusing: CalibratedQuantizer = {
  name: "refusing",
  summary: "",
  source: "",
  options: {},
  needs: () => [],
  layout: () => ({ terms: [], transforms: [] }),
  claimedBitsPerWeight: () => 1,
  quantizeLayer() {
    throw new LowbitError("quantize/not-positive-definite", "no.", {});
  },
};
const candidate: ResolvedCandidate = {
  method: "refusing",
  options: {},
  label: "refusing",
  choice: { method: refusing, options: {} },
};

it("names a candidate and its reason where none suits a layer", async () => {
  const backend = await createNativeBackend();
  const source = await openModel(TINY_LLAMA, backend);
  const hessian = new Float32Array((256 * 257) / 2).fill(0);
  for (let i = 0; i < 256; i++) hessian[(i * (i + 3)) / 2] = 1;
  const statistics = {
    name: "statistics",
    schema: { kinds: ["hessian"] },
    layer: async (name: string) => ({
      name,
      shape: { rows: 128, columns: 256 },
      inFeatures: 256,
      samples: 1,
      tokens: 1,
      values: { hessian },
    }),
    close: async () => undefined,
  } as unknown as StatisticsFile;
  await expect(
    measureCandidates(source, backend, { candidates: new Map([[LAYER, [candidate]]]), statistics }),
  ).rejects.toThrow(
    expect.objectContaining({
      code: "quantize/no-candidate-fits",
      facts: { weight: LAYER, candidates: ["refusing"], code: "quantize/not-positive-definite" },
    }),
  );
  await source.close();
  backend.close();
});
