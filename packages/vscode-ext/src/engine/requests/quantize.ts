import type { DiskWork } from "../environment.js";
import { refusal } from "../failure.js";
import type { EngineServices, Handler, ModelSlot } from "../handler.js";
import { throttled } from "../scan-progress.js";

export const quantizeForecast: Handler<"quantize/forecast"> = async ({ params, model, services }) => {
  const { disk, input } = await onDisk(model, services);
  return disk.forecast(input, params, services.settings());
};

export const quantizeRun: Handler<"quantize/run"> = async (request) => {
  const { params, model, services, signal } = request;
  const { disk, input } = await onDisk(model, services);
  return disk.quantize(input, params, services.settings(), signal, throttled(request.progress));
};

/** @throws `engine/not-in-browser` */
async function onDisk(
  model: ModelSlot,
  { environment }: EngineServices,
): Promise<{ readonly disk: DiskWork; readonly input: string }> {
  const { disk } = environment;
  const { path } = await model.files();
  if (disk !== undefined && path !== undefined) return { disk, input: path };
  throw refusal(
    "engine/not-in-browser",
    disk === undefined
      ? "A browser cannot write models."
      : "This model does not lie on a disk, where its quantized form could be written.",
    "Download it and open it from a local or remote disk in desktop VS Code, or use the lowbit command.",
  );
}
