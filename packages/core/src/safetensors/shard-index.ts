import type { ByteSource } from "../bytes/byte-source.js";
import { LowbitError } from "../errors/index.js";
import { quoteName } from "./header-problem.js";
import { IndexWindow } from "./index-window.js";
import type { JsonScanner } from "./json-scanner.js";
import { ownText } from "./own-text.js";
import { checkShardName } from "./shard-name.js";

const QUOTE = 0x22;

/** `model.safetensors.index.json`: which shard holds which tensor. */
export interface ShardIndex {
  readonly shardOf: ReadonlyMap<string, string>;
  /** Distinct shard names, in the order of the index. */
  readonly shards: readonly string[];
  /** Bytes of all tensors as the index states them, where it does. */
  readonly totalSize: number | undefined;
}

/** Shards of one checkpoint. The largest known has a few hundred; each is a file to open. */
const MAX_SHARDS = 10_000;

/**
 * Reads an index in pieces: memory holds the entries, whose names are slices of the pieces' text, and never a tree of the
 * JSON. The largest known index has 497 000 entries in 60 MB.
 * @param options.pieceBytes bytes read at a time, default 1 MiB
 * @throws `safetensors/index-json`, `safetensors/index-duplicate-key`, `safetensors/index-path-escape`,
 * `safetensors/index-shard-name`
 */
export async function readShardIndex(
  source: ByteSource,
  options: { readonly signal?: AbortSignal; readonly pieceBytes?: number } = {},
): Promise<ShardIndex> {
  const window = new IndexWindow(source, options.signal, options.pieceBytes);
  const shardOf = new Map<string, string>();
  const shards = new Map<string, string>();
  let totalSize: number | undefined;
  const seen = new Set<string>();
  await forEachMember(window, async (key) => {
    if (seen.has(key)) throw duplicate(source, key);
    seen.add(key);
    if (key === "weight_map") await readWeightMap(window, source, shardOf, shards);
    else if (key === "metadata") totalSize = await readTotalSize(window, source);
    else await window.take((scanner) => scanner.skipValue());
  });
  await window.expectEnd();
  if (!seen.has("weight_map")) {
    throw new LowbitError("safetensors/index-json", `${source.name}: the index has no weight_map.`, {
      source: source.name,
    });
  }
  return { shardOf, shards: [...shards.keys()], totalSize };
}

/** Calls `member` for each key of the object that comes next; it must take the value. */
async function forEachMember(window: IndexWindow, member: (key: string) => Promise<void>): Promise<void> {
  let more = await window.take((scanner) => {
    scanner.take(0x7b);
    return !scanner.tryTake(0x7d);
  });
  while (more) {
    await member(
      await window.take((scanner) => {
        const key = scanner.readString();
        scanner.take(0x3a);
        return key;
      }),
    );
    more = await window.take((scanner) => {
      if (scanner.tryTake(0x2c)) return true;
      scanner.take(0x7d);
      return false;
    });
  }
}

async function readTotalSize(window: IndexWindow, source: ByteSource): Promise<number | undefined> {
  let totalSize: number | undefined;
  const seen = new Set<string>();
  await forEachMember(window, async (key) => {
    if (seen.has(key)) throw duplicate(source, key);
    seen.add(key);
    await window.take((scanner) => {
      if (key !== "total_size") return scanner.skipValue();
      scanner.peek();
      const start = scanner.position;
      totalSize = scanner.readCount() ?? integralFloat(scanner.textSince(start));
      if (totalSize === undefined) throw scanner.faultAt("total_size is not a size in bytes", start);
    });
  });
  return totalSize;
}

/** Some writers state the size as "123.0". */
function integralFloat(text: string): number | undefined {
  const match = /^([0-9]+)\.0+$/.exec(text);
  const value = Number(match?.[1]);
  return Number.isSafeInteger(value) ? value : undefined;
}

async function readWeightMap(
  window: IndexWindow,
  source: ByteSource,
  shardOf: Map<string, string>,
  shards: Map<string, string>,
): Promise<void> {
  // One turn takes as many entries as the window holds: a turn for each of 500 000 would cost more than the scan.
  let more = await window.take((scanner) => {
    scanner.take(0x7b);
    return !scanner.tryTake(0x7d);
  });
  // Neighbours are mostly of one shard: what stands between two names is then the same text, read once.
  let sameShard = { text: "", shard: "" };
  while (more) {
    more = await window.takeMany(
      (scanner) => {
        const tensor = scanner.readString();
        if (sameShard.text === "" || !scanner.tryTakeText(sameShard.text)) sameShard = readShardName(scanner);
        const goesOn = scanner.tryTake(0x2c);
        if (!goesOn) scanner.take(0x7d);
        return { goesOn, tensor, shard: sameShard.shard };
      },
      ({ tensor, shard }) => addEntry(source, shardOf, shards, tensor, shard),
    );
  }
}

/** The shard name after a tensor's, and the text up to its end where the window has one. */
function readShardName(scanner: JsonScanner): { readonly text: string; readonly shard: string } {
  const start = scanner.position;
  scanner.take(0x3a);
  if (scanner.peek() !== QUOTE) throw scanner.unexpected("a shard name");
  const shard = scanner.readString();
  return { text: ownText(scanner.asciiText?.slice(start, scanner.position) ?? ""), shard: ownText(shard) };
}

function addEntry(
  source: ByteSource,
  shardOf: Map<string, string>,
  shards: Map<string, string>,
  tensor: string,
  shard: string,
): void {
  const count = shardOf.size;
  let known = shards.get(shard);
  if (known === undefined) {
    checkShardName(shard);
    if (shards.size === MAX_SHARDS) {
      throw new LowbitError(
        "safetensors/index-shard-name",
        `${source.name}: the index names more than ${MAX_SHARDS} shards.`,
        { source: source.name, allowed: MAX_SHARDS },
      );
    }
    shards.set(shard, shard);
    known = shard;
  }
  shardOf.set(tensor, known);
  if (shardOf.size === count) throw duplicate(source, tensor);
}

function duplicate(source: ByteSource, key: string): LowbitError {
  return new LowbitError(
    "safetensors/index-duplicate-key",
    `${source.name}: the key ${quoteName(key)} occurs twice in the index; keys must be unique.`,
    { source: source.name, key },
  );
}
