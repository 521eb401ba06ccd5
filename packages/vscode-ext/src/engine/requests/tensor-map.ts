import {
  coarseRowStep,
  errorMap,
  type OutlierMap,
  outlierMap,
  type ScanContext,
  scaleMap,
  signMap,
  type TileMap,
  type TileOptions,
} from "@lowbit/core/analysis";
import type { KernelBackend } from "@lowbit/core/backend";
import { matrixShape } from "@lowbit/core/tensor";
import type { MapPicture, MapQuery } from "../../protocol/tensor-messages.js";
import { refusal } from "../failure.js";
import type { Handler } from "../handler.js";
import type { Lane } from "../lane.js";
import type { Model } from "../model/model.js";
import { scanProgress } from "../scan-progress.js";
import { alignedWeights, storedWeight, type WeightView, weightView } from "../weight-view.js";

/** First from some rows, as a progress message; then from all, unless those were all. */
export const tensorMap: Handler<"tensor/map"> = async (request) => {
  const { params, model: slot, services, signal } = request;
  const model = await slot.open();
  const lane = services.lanes.pictures;
  // Errors of the query are told before it waits for its turn.
  const { weight } = storedWeight(model, params.name, params.side);
  const { window } = params;
  const { rows, columns } = matrixShape(weight.shape);
  const total = Math.ceil((weight.byteLength * window.rows * window.columns) / Math.max(1, rows * columns));
  const rowStep = coarseRowStep(window);
  if (rowStep > 1) {
    const coarse = await lane.run(signal, (backend) => draw(model, lane, params, rowStep, { backend, signal }));
    if (!coarse.isCoarse) return coarse;
    request.progress({ label: params.name, done: 0, total, coarse });
  }
  const onProgress = scanProgress(params.name, total, request.progress);
  return lane.run(signal, (backend) => draw(model, lane, params, 1, { backend, signal, onProgress }));
};

async function draw(
  model: Model,
  lane: Lane,
  query: MapQuery,
  rowStep: number,
  context: ScanContext,
): Promise<MapPicture> {
  const { maxWidth, maxHeight, window, threshold, quantity } = query;
  const options: TileOptions = { maxWidth, maxHeight, window, rowStep };
  const stored = storedWeight(model, query.name, query.side);
  switch (quantity) {
    case "magnitude":
    case "outliers": {
      const { checkpoint, tensor } = weightView(stored, lane, context.backend);
      return outlierPicture(await outlierMap(checkpoint, tensor, { ...options, threshold }, context), quantity);
    }
    case "sign": {
      const { checkpoint, tensor } = weightView(stored, lane, context.backend);
      return picture(await signMap(checkpoint, tensor, options, context));
    }
    case "scale": {
      const { weight } = stored;
      if (weight.kind === "plain") throw refusal("engine/no-scales", "Plain weights have no scales.");
      const reader = await weight.open(context.signal === undefined ? {} : { signal: context.signal });
      return picture(await scaleMap({ name: weight.name, terms: weight.terms, reader }, options, context));
    }
    case "error":
      return errorPicture(model, lane, query, options, context);
  }
}

async function errorPicture(
  model: Model,
  lane: Lane,
  { name, side, against }: MapQuery,
  options: TileOptions,
  context: ScanContext & { readonly backend: KernelBackend },
): Promise<MapPicture> {
  if (against === undefined) {
    throw refusal(
      "protocol/invalid-params",
      "tensor/map: against: an error needs the values that own ones are compared with.",
    );
  }
  const [own, other] = alignedWeights(model, name, side, against).map((stored) =>
    weightView(stored, lane, context.backend),
  ) as [WeightView, WeightView];
  return picture(await errorMap(own, other, options, context));
}

function picture(map: TileMap): MapPicture {
  const { window, tileRows, tileColumns, tilesDown, tilesAcross, values, isCoarse } = map;
  return { window, tileRows, tileColumns, tilesDown, tilesAcross, values, isCoarse };
}

function outlierPicture(map: OutlierMap, quantity: "magnitude" | "outliers"): MapPicture {
  const { absMaximum, tilesDown, tilesAcross, tileRows, tileColumns, window, isCoarse } = map;
  const outlierCount = Float32Array.from(map.outlierCount);
  const values = quantity === "magnitude" ? absMaximum : outlierShares(map);
  return { window, tileRows, tileColumns, tilesDown, tilesAcross, values, outlierCount, isCoarse };
}

/** Outliers over the weights of a tile that were read; NaN where none is finite. */
function outlierShares(map: OutlierMap): Float32Array {
  const { absMaximum, outlierCount, rowsRead, tilesAcross, tileColumns, window } = map;
  return absMaximum.map((largest, tile) => {
    const across = tile % tilesAcross;
    const columns = Math.min(tileColumns, window.columns - across * tileColumns);
    const weights = rowsRead[Math.floor(tile / tilesAcross)]! * columns;
    return Number.isNaN(largest) ? Number.NaN : outlierCount[tile]! / weights;
  });
}
