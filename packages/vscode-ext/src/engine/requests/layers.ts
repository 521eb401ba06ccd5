import { finishStatistics } from "@lowbit/core/analysis";
import { hasValues } from "@lowbit/core/pipeline";
import type { Handler } from "../handler.js";
import { throwIfCancelled } from "../lane.js";
import { layerTable } from "../layers/layer-table.js";
import { layerStatistics } from "../statistics-store.js";
import { requireRow, storedWeight, weightView } from "../weight-view.js";
import { keptScan } from "./tensor-distribution.js";

export const layersWindow: Handler<"layers/window"> = async ({ params, model: slot }) => {
  const { begin, end, ...query } = params;
  return (await slot.open()).layers.window(query, begin, end);
};

export const layersLocate: Handler<"layers/locate"> = async ({ params, model: slot }) => {
  const { name, ...query } = params;
  return (await slot.open()).layers.locate(query, name);
};

export const layersExport: Handler<"layers/export"> = async ({ params, model: slot, services }) => {
  const model = await slot.open();
  const rows = model.layers.rows(params);
  return {
    text: layerTable(rows, model.statistics, params.format, services.settings().memoryLimitBytes),
    lines: rows.length,
  };
};

export const layersStatistics: Handler<"layers/statistics"> = async (request) => {
  const { params, model: slot, services, signal } = request;
  const model = await slot.open();
  const { statistics } = model;
  const rows = params.names === "all" ? model.rows : params.names.map((name) => requireRow(model, name));
  const total = rows.reduce((sum, { bytes }) => sum + bytes, 0);
  const lane = services.lanes.models;
  const outlierRule = services.settings().outlierRule;
  statistics.useRule(outlierRule);
  const started = performance.now();
  let done = 0;
  let readBytes = 0;
  let measured = 0;
  for (const row of rows) {
    throwIfCancelled(signal);
    const isMeasurable = hasValues(row.weight) && row.parameters > 0;
    if (isMeasurable && statistics.layer(row.name) === undefined) {
      const stored = storedWeight(model, row.name, { kind: "own" });
      const found = await lane.run(signal, async (backend) => {
        const view = weightView(stored, lane, backend);
        const scan = await keptScan(model, stored, view, { backend, signal });
        return finishStatistics(view.tensor, scan, backend, { outlierRule });
      });
      statistics.putLayer(layerStatistics(found));
      readBytes += row.bytes;
    }
    done += row.bytes;
    const known = isMeasurable ? statistics.layer(row.name) : undefined;
    if (known !== undefined) measured += 1;
    const etaSeconds = ((performance.now() - started) / 1000 / readBytes) * (total - done);
    request.progress({
      label: row.name,
      done,
      total,
      ...(Number.isFinite(etaSeconds) && { etaSeconds }),
      ...(known !== undefined && { statistics: known }),
    });
  }
  return { measured, skipped: rows.length - measured };
};
