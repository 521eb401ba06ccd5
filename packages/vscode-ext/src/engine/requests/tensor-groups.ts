import { groupScales } from "@lowbit/core/analysis";
import type { Handler } from "../handler.js";
import { scanProgress } from "../scan-progress.js";
import { storedWeight } from "../weight-view.js";

export const tensorGroups: Handler<"tensor/groups"> = async (request) => {
  const { params, model: slot, services, signal } = request;
  const stored = storedWeight(await slot.open(), params.name, params.side);
  const { weight } = stored;
  if (weight.kind === "plain") return { terms: [] };
  const lane = services.lanes.figures;
  return lane.run(signal, async () => {
    const onProgress = scanProgress(params.name, weight.byteLength, request.progress);
    const reader = await weight.open({ signal });
    const pictures = await groupScales({ name: weight.name, terms: weight.terms, reader }, { signal, onProgress });
    return { terms: pictures };
  });
};
