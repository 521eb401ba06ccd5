import { describeStorage } from "@lowbit/core/layouts";
import {
  compareBytes,
  cosineSimilarity,
  compareWeights as measurePairs,
  relativeError,
  sqnrDb,
} from "@lowbit/core/pipeline";
import type { ComparedStructure, ComparedWeightLine, CompareSortKey } from "../../protocol/compare-messages.js";
import type { LayerExport } from "../../protocol/layer-messages.js";
import { compareCommand } from "../compare/compare-command.js";
import { type Comparison, joinMeasured, type NamedPair, openComparison } from "../compare/comparison.js";
import { refusal } from "../failure.js";
import type { EngineServices, Handler } from "../handler.js";
import type { Model } from "../model/model.js";
import type { ModelFiles } from "../model/model-files.js";
import { urlFiles } from "../model/url-files.js";
import { nameFilter } from "../name-filter.js";
import { throttled } from "../scan-progress.js";
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
  await replaced?.sides.other.checkpoint.close();
  return structureOf(model, comparison);
};

export const compareRun: Handler<"compare/run"> = async (request) => {
  const { model: slot, services, signal } = request;
  const model = await slot.open();
  const comparison = openOne(model);
  const { sides, reference, measured, equal } = comparison;
  const pending = comparison.pairs.filter(({ name }) => !measured.has(name) && !equal.has(name));
  const lane = services.lanes.models;
  const progress = throttled(request.progress);
  if (pending.length > 0) {
    await lane.run(signal, async (backend) => {
      const own = lane.courteous(sides.own.checkpoint);
      const other = lane.courteous(sides.other.checkpoint);
      for (const pair of pending.filter(({ hasValues }) => !hasValues)) {
        const [compared] = await compareBytes(own, other, [pair], signal);
        equal.set(pair.name, compared!.equal);
      }
      const pairs = pending.filter(({ hasValues }) => hasValues);
      const [first, second] = reference === "left" ? [own, other] : [other, own];
      const turned = pairs.map(({ left, right }) =>
        reference === "left" ? { left, right } : { left: right, right: left },
      );
      // Either side's name, which is the same for both: where they are made to agree, it may not be the open model's.
      await measurePairs(first, second, turned, {
        backend,
        signal,
        onWeight: (weight, sums) => measured.set(sides.ownName(weight.name), { weight, sums }),
        onProgress: ({ tensor, doneBytes, totalBytes, etaSeconds }) =>
          progress({
            label: sides.ownName(tensor),
            done: doneBytes,
            total: totalBytes,
            ...(etaSeconds !== undefined && { etaSeconds }),
          }),
      });
    });
  }
  return { compared: measured.size + equal.size };
};

export const compareWeights: Handler<"compare/weights"> = async ({ params, model: slot }) => {
  const comparison = openOne(await slot.open());
  const { filter, sort, descending, begin, end } = params;
  const passes = nameFilter(filter);
  const { pairs } = comparison;
  const passed = passes === undefined ? pairs : pairs.filter(({ name }) => passes(name));
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
  const records = comparison.pairs.map((pair) => {
    const { name, shape, left, right, equal, error } = lineOf(pair, comparison);
    return { name, shape: shape.join("×"), left, right, ...(equal !== undefined && { equal: `${equal}` }), ...error };
  });
  const columns = [
    "name",
    "shape",
    "left",
    "right",
    "equal",
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
  await comparison?.sides.other.checkpoint.close();
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
  const { pairs, differences, reference, path, name, sides } = comparison;
  return {
    path,
    name: name.split(/[\\/]/).findLast((part) => part !== "") ?? name,
    pairs: pairs.length,
    differences: differences.slice(0, SHOWN_DIFFERENCES),
    differenceCount: differences.length,
    ...(sides.reason !== undefined && { reason: sides.reason }),
    reference,
    command: compareCommand(model.files.name, name, comparison),
  };
}

function lineOf({ name, left, right }: NamedPair, { measured, equal }: Comparison): ComparedWeightLine {
  const found = measured.get(name)?.weight;
  const isEqual = equal.get(name);
  return {
    name,
    shape: left.shape,
    left: describeStorage(left),
    right: describeStorage(right),
    ...(isEqual !== undefined && { equal: isEqual }),
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
  pairs: readonly NamedPair[],
  { measured }: Comparison,
  sort: CompareSortKey,
  descending: boolean,
): readonly NamedPair[] {
  if (sort === "name") return descending ? pairs.toReversed() : pairs;
  const key = sort === "cosineSimilarity" ? "cosine" : sort;
  const figure = ({ name }: NamedPair): number => measured.get(name)?.weight.error[key] ?? Number.NaN;
  const direction = descending ? -1 : 1;
  return pairs.toSorted((a, b) => {
    const [one, other] = [figure(a), figure(b)];
    if (Number.isNaN(one) || Number.isNaN(other)) return Number(Number.isNaN(one)) - Number(Number.isNaN(other));
    return one === other ? 0 : direction * (one < other ? -1 : 1);
  });
}
