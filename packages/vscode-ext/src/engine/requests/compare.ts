import { describeStorage } from "@lowbit/core/layouts";
import {
  cosineSimilarity,
  compareWeights as measurePairs,
  relativeError,
  type StructureDifference,
  sqnrDb,
  type WeightPair,
} from "@lowbit/core/pipeline";
import type {
  ComparedStructure,
  ComparedWeightLine,
  CompareSortKey,
  StructureDifferenceLine,
} from "../../protocol/compare-messages.js";
import type { LayerExport } from "../../protocol/layer-messages.js";
import { type Comparison, joinMeasured, openComparison } from "../compare/comparison.js";
import { refusal } from "../failure.js";
import type { EngineServices, Handler } from "../handler.js";
import type { Model } from "../model/model.js";
import type { ModelFiles } from "../model/model-files.js";
import { urlFiles } from "../model/url-files.js";
import { nameFilter } from "../name-filter.js";
import { throttled } from "../scan-progress.js";
import { shellWord } from "../shell-word.js";
import { tableText } from "../table-text.js";

const SHOWN_DIFFERENCES = 1000;

export const compareOpen: Handler<"compare/open"> = async ({ params, model: slot, services, signal }) => {
  const model = await slot.open();
  const files = await filesAt(params.path, services);
  const { comparison: before } = model;
  if (before?.path === params.path && before.version === (await files.version())) return structureOf(model, before);
  const comparison = await openComparison(model, params.path, files, signal);
  const { comparison: replaced } = model;
  model.comparison = comparison;
  await replaced?.checkpoint.close();
  return structureOf(model, comparison);
};

export const compareRun: Handler<"compare/run"> = async (request) => {
  const { model: slot, services, signal } = request;
  const model = await slot.open();
  const comparison = openOne(model);
  const { reference, structure, measured } = comparison;
  const pending = structure.pairs.filter(({ left }) => !measured.has(left.name));
  const lane = services.lanes.models;
  const progress = throttled(request.progress);
  if (pending.length > 0) {
    await lane.run(signal, async (backend) => {
      const own = lane.courteous(model.checkpoint);
      const other = lane.courteous(comparison.checkpoint);
      const [first, second] = reference === "left" ? [own, other] : [other, own];
      const pairs = reference === "left" ? pending : pending.map(({ left, right }) => ({ left: right, right: left }));
      await measurePairs(first, second, pairs, {
        backend,
        signal,
        onWeight: (weight, sums) => measured.set(weight.name, { weight, sums }),
        onProgress: ({ tensor, doneBytes, totalBytes, etaSeconds }) =>
          progress({
            label: tensor,
            done: doneBytes,
            total: totalBytes,
            ...(etaSeconds !== undefined && { etaSeconds }),
          }),
      });
    });
  }
  return { compared: measured.size };
};

export const compareWeights: Handler<"compare/weights"> = async ({ params, model: slot }) => {
  const comparison = openOne(await slot.open());
  const { filter, sort, descending, begin, end } = params;
  const passes = nameFilter(filter);
  const { pairs } = comparison.structure;
  const passed = passes === undefined ? pairs : pairs.filter(({ left }) => passes(left.name));
  const sorted = sortPairs(passed, comparison, sort, descending);
  const first = Math.min(begin, sorted.length);
  const { sums, count } = joinMeasured(comparison, comparison.measured.keys());
  const overall = {
    sqnrDb: sqnrDb(sums),
    relativeError: relativeError(sums),
    cosineSimilarity: cosineSimilarity(sums),
  };
  return {
    total: sorted.length,
    begin: first,
    rows: sorted.slice(first, end).map((pair) => lineOf(pair, comparison)),
    skyline: comparison.columns.map(({ label, members }) => {
      const column = joinMeasured(
        comparison,
        members.map(({ name }) => name),
      );
      const isMeasured = column.count > 0;
      return {
        label,
        firstWeight: members[0]!.name,
        // Nothing measured has no error, which is not an error of 0.
        sqnrDb: isMeasured ? sqnrDb(column.sums) : Number.NaN,
        relativeError: isMeasured ? relativeError(column.sums) : Number.NaN,
        measured: column.count,
      };
    }),
    ...(count > 0 && { overall }),
  };
};

export const compareExport: Handler<"compare/export"> = async ({
  params,
  model: slot,
  services,
}): Promise<LayerExport> => {
  const comparison = openOne(await slot.open());
  const { pairs } = comparison.structure;
  const records = pairs.map((pair) => {
    const { name, shape, left, right, error } = lineOf(pair, comparison);
    return { name, shape: shape.join("×"), left, right, ...error };
  });
  const columns = [
    "name",
    "shape",
    "left",
    "right",
    "meanSquaredError",
    "relativeError",
    "sqnrDb",
    "cosineSimilarity",
    "nonFiniteCount",
  ];
  return {
    text: tableText(columns, records, params.format, services.settings().memoryLimitBytes),
    lines: records.length,
  };
};

export const compareClose: Handler<"compare/close"> = async ({ model: slot }) => {
  const model = await slot.open();
  const { comparison } = model;
  model.comparison = undefined;
  await comparison?.checkpoint.close();
  return {};
};

async function filesAt(path: string, { environment }: EngineServices): Promise<ModelFiles> {
  if (/^https?:\/\//.test(path)) return urlFiles(path);
  if (environment.disk !== undefined) return environment.disk.openPath(path);
  throw refusal(
    "engine/not-in-browser",
    `${path} lies on a disk, which a browser cannot read.`,
    "Open both models in VS Code on the desktop, or from a server.",
  );
}

function openOne({ comparison }: Model): Comparison {
  if (comparison !== undefined) return comparison;
  throw refusal("engine/not-compared", "No checkpoint is open for comparison.", "Choose one first.");
}

function structureOf(model: Model, comparison: Comparison): ComparedStructure {
  const { structure, reference, path, name } = comparison;
  const [left, right] = [model.files.name, name];
  const [first, second] = reference === "left" ? [left, right] : [right, left];
  return {
    path,
    name: name.split(/[\\/]/).findLast((part) => part !== "") ?? name,
    pairs: structure.pairs.length,
    differences: structure.differences.slice(0, SHOWN_DIFFERENCES).map(differenceLine),
    differenceCount: structure.differences.length,
    reference,
    command: `lowbit compare ${shellWord(first)} ${shellWord(second)}`,
  };
}

function differenceLine(difference: StructureDifference): StructureDifferenceLine {
  const { kind, weight } = difference;
  if (kind === "shape") {
    return { kind, weight, left: difference.left.join("×"), right: difference.right.join("×") };
  }
  return kind === "dtype" ? { kind, weight, left: difference.left, right: difference.right } : { kind, weight };
}

function lineOf({ left, right }: WeightPair, { measured }: Comparison): ComparedWeightLine {
  const found = measured.get(left.name)?.weight;
  return {
    name: left.name,
    shape: left.shape,
    left: describeStorage(left),
    right: describeStorage(right),
    ...(found !== undefined && {
      error: {
        meanSquaredError: found.error.meanSquaredError,
        relativeError: found.error.relativeError,
        sqnrDb: found.error.sqnrDb,
        cosineSimilarity: found.error.cosine,
        nonFiniteCount: found.nonFiniteCount,
      },
    }),
  };
}

/** Pairs in order, those that were not measured last in either direction. */
function sortPairs(
  pairs: readonly WeightPair[],
  { measured }: Comparison,
  sort: CompareSortKey,
  descending: boolean,
): readonly WeightPair[] {
  if (sort === "name") return descending ? pairs.toReversed() : pairs;
  const key = sort === "cosineSimilarity" ? "cosine" : sort;
  const figure = ({ left }: WeightPair): number => measured.get(left.name)?.weight.error[key] ?? Number.NaN;
  const direction = descending ? -1 : 1;
  return pairs.toSorted((a, b) => {
    const [one, other] = [figure(a), figure(b)];
    if (Number.isNaN(one) || Number.isNaN(other)) return Number(Number.isNaN(one)) - Number(Number.isNaN(other));
    return one === other ? 0 : direction * (one < other ? -1 : 1);
  });
}
