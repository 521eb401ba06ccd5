import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, ftruncateSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { LowbitError } from "@lowbit/core/errors";
import type { StatisticValues } from "@lowbit/core/quantizers";
import { layOutFile, type PlacedTensor } from "@lowbit/core/safetensors";
import type { StatisticsSink } from "../calibration/collect-statistics.js";
import { allocateValues } from "../calibration/collectors/collector.js";
import { STATISTICS_METADATA_KEY, type StatisticsSchema, statisticsTensors } from "../calibration/statistics-schema.js";

/** A statistics file that is being made beside its place; it appears there when it is complete. */
export interface StatisticsOutput extends StatisticsSink {
  /** Bytes of the file. */
  readonly byteLength: number;
  /** Writes what is in memory and gives the file its name. */
  finish(): void;
  /** Removes what was written; does nothing after `finish`. */
  discard(): void;
}

/**
 * Lays out the whole file. Values that are updated are kept in memory until the end, or with `updatesOnDisk` in the file.
 * Calls block: gradients are handed over in the middle of a pass, and the file's pages are in memory in most cases.
 * @throws `pipeline/write-failed`
 */
export function createStatisticsOutput(
  path: string,
  schema: StatisticsSchema,
  updatesOnDisk = false,
): StatisticsOutput {
  const metadata = { format: "pt", [STATISTICS_METADATA_KEY]: JSON.stringify(schema) };
  const layout = layOutFile(statisticsTensors(schema), metadata);
  const places = new Map(layout.tensors.map((tensor) => [tensor.name, tensor]));
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.partial`);
  const held = new Map<string, StatisticValues>();
  let descriptor: number | undefined;

  const write = (values: StatisticValues, { byteOffset }: PlacedTensor): void =>
    writing(path, () => writeAll(descriptor!, bytesOf(values), byteOffset));
  const discard = (): void => {
    if (descriptor === undefined) return;
    closeSync(descriptor);
    descriptor = undefined;
    rmSync(temporary, { force: true });
  };
  try {
    writing(path, () => {
      descriptor = openSync(temporary, "wx+");
      writeAll(descriptor, layout.head, 0);
      ftruncateSync(descriptor, layout.byteLength);
    });
  } catch (error) {
    discard();
    throw error;
  }
  return {
    byteLength: layout.byteLength,
    async put(name, values) {
      write(values, places.get(name)!);
    },
    update(name, change) {
      const place = places.get(name)!;
      let values = held.get(name);
      if (values === undefined) {
        values = allocateValues(place.byteLength / (schema.dtype === "F64" ? 8 : 4), schema.dtype);
        if (updatesOnDisk) readAll(descriptor!, bytesOf(values), place.byteOffset);
        else held.set(name, values);
      }
      change(values);
      if (updatesOnDisk) write(values, place);
    },
    finish() {
      for (const [name, values] of held) write(values, places.get(name)!);
      held.clear();
      writing(path, () => {
        fsyncSync(descriptor!);
        closeSync(descriptor!);
        descriptor = undefined;
        try {
          renameSync(temporary, path);
        } catch (error) {
          rmSync(temporary, { force: true });
          throw error;
        }
      });
    },
    discard,
  };
}

function bytesOf(values: StatisticValues): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** The system writes and reads at most 2^31 − 4096 bytes a call. */
const MOST_BYTES = 2 ** 30;

function writeAll(descriptor: number, bytes: Uint8Array, offset: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(descriptor, bytes, done, Math.min(MOST_BYTES, bytes.length - done), offset + done);
  }
}

/** The file has its full size, so that no read ends early. */
function readAll(descriptor: number, bytes: Uint8Array, offset: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += readSync(descriptor, bytes, done, Math.min(MOST_BYTES, bytes.length - done), offset + done);
  }
}

function writing(path: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new LowbitError(
      "pipeline/write-failed",
      `${path}: cannot be written (${reason}).`,
      { path, reason },
      { cause },
    );
  }
}
