import { tensorProfiles as profilesOf } from "@lowbit/core/analysis";
import type { Handler } from "../handler.js";
import { scanProgress } from "../scan-progress.js";
import { storedWeight, weightView } from "../weight-view.js";

export const tensorProfiles: Handler<"tensor/profiles"> = async (request) => {
  const { params, model: slot, services, signal } = request;
  const stored = storedWeight(await slot.open(), params.name, params.side);
  const lane = services.lanes.figures;
  return lane.run(signal, async (backend) => {
    const { checkpoint, tensor } = weightView(stored, lane, backend);
    const onProgress = scanProgress(params.name, tensor.byteLength, request.progress);
    return profilesOf(checkpoint, tensor, { backend, signal, onProgress });
  });
};
