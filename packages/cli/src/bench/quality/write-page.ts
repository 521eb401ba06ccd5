import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { writeFileAtomic } from "@lowbit/core/node";
import { CALIBRATED_QUANTIZERS } from "@lowbit/core/quantizers";
import { ORDER_CHECKS } from "./default-settings.js";
import { type PointKind, qualityPicture } from "./quality-picture.js";
import { doneRows, type ModelQuality, type QualityRow } from "./quality-row.js";
import { pageNotes, renderQuality } from "./render-quality.js";
import { isMixed } from "./target-checks.js";

/** Writes the page and, in `pictures/` beside it, one picture a model. */
export async function writePage(page: string, models: readonly ModelQuality[]): Promise<void> {
  const picture = (model: string): string => join(dirname(page), "pictures", `quality-${fileName(model)}.svg`);
  await mkdir(join(dirname(page), "pictures"), { recursive: true });
  for (const quality of models) {
    const points = doneRows(quality).map((row) => ({
      name: row.name,
      kind: pointKind(row),
      bitsPerWeight: row.storedBitsPerWeight,
      perplexity: row.perplexity.mean,
    }));
    if (points.length === 0) continue;
    await writeFileAtomic(
      picture(quality.model),
      qualityPicture(quality.model, quality.original.perplexity.mean, points),
    );
  }
  const path = (model: string): string => relative(dirname(page), picture(model)).replaceAll("\\", "/");
  const notes = existsSync(page) ? pageNotes(await readFile(page, "utf8")) : undefined;
  await writeFileAtomic(page, renderQuality(models, ORDER_CHECKS, path, notes));
}

function pointKind(row: QualityRow): PointKind {
  if (isMixed(row)) return "mixed";
  return Object.hasOwn(CALIBRATED_QUANTIZERS, row.arguments[1] ?? "") ? "calibrated" : "data-free";
}

function fileName(model: string): string {
  return model.toLowerCase().replace(/[^a-z0-9.-]+/g, "-");
}
