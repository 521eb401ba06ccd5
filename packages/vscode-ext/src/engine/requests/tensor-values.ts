import { valueWindow } from "@lowbit/core/analysis";
import type { Handler } from "../handler.js";
import { alignedWeights, type StoredWeight, storedWeight, weightView } from "../weight-view.js";

export const tensorValues: Handler<"tensor/values"> = async ({ params, model: slot, services, signal }) => {
  const model = await slot.open();
  const { name, side, against, window } = params;
  const [own, other] =
    against === undefined ? [storedWeight(model, name, side)] : alignedWeights(model, name, side, against);
  const lane = services.lanes.pictures;
  return lane.run(signal, async (backend) => {
    const read = async (stored: StoredWeight): Promise<Float32Array> => {
      const { checkpoint, tensor } = weightView(stored, lane, backend);
      return (await valueWindow(checkpoint, tensor, window, { backend, signal })).values;
    };
    return { window, values: await read(own), ...(other !== undefined && { otherValues: await read(other) }) };
  });
};
