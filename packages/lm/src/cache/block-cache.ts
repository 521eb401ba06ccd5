import { LowbitError } from "@lowbit/core/errors";
import type { CachedKeysValues, LayerCache } from "../forward/forward-ops.js";
import type { Tensor } from "../forward/tensor.js";
import type { DecodeWorkspace } from "./decode-workspace.js";
import { FloatStore } from "./float-store.js";
import type { StoreShape, VectorStore } from "./vector-store.js";

/** Keys and values of one block: two stores that grow together. */
export class BlockCache implements LayerCache {
  readonly keyRotation?: number;
  readonly #shape: StoreShape;
  readonly #keys: VectorStore;
  readonly #values: VectorStore;
  readonly #workspace: DecodeWorkspace;
  #length = 0;

  constructor(
    shape: StoreShape,
    keys: VectorStore,
    values: VectorStore,
    workspace: DecodeWorkspace,
    keyRotation?: number,
  ) {
    if (keyRotation !== undefined) this.keyRotation = keyRotation;
    this.#shape = shape;
    this.#keys = keys;
    this.#values = values;
    this.#workspace = workspace;
  }

  /** Positions held, per sequence. */
  get length(): number {
    return this.#length;
  }

  /** Without the workspace, which all blocks share. */
  get byteLength(): number {
    return this.#keys.byteLength + this.#values.byteLength;
  }

  /** @throws `generate/cache-full`, `backend/operand-size` */
  append(keys: Tensor, values: Tensor): void {
    const { sequences, capacity, width } = this.#shape;
    if (
      keys.columns !== width ||
      keys.rows % sequences !== 0 ||
      values.rows !== keys.rows ||
      values.columns !== width
    ) {
      throw new LowbitError(
        "backend/operand-size",
        `the keys and values to keep are ${keys.rows} × ${keys.columns} and ${values.rows} × ${values.columns}; ${width} columns and a multiple of ${sequences} rows are needed`,
        {
          what: "keys and values to keep",
          found: [keys.rows, keys.columns, values.rows, values.columns],
          width,
          sequences,
        },
      );
    }
    const count = keys.rows / sequences;
    checkRoom(capacity, this.#length, count);
    this.#keys.append(keys.values, this.#length, count);
    this.#values.append(values.values, this.#length, count);
    this.#length += count;
  }

  read(): CachedKeysValues {
    const length = this.#length;
    if (this.#keys instanceof FloatStore && this.#values instanceof FloatStore) {
      const { capacity } = this.#shape;
      return { keys: this.#keys.values(), values: this.#values.values(), keyLength: length, keyStride: capacity };
    }
    this.#workspace.reserve(this.#shape.sequences * length * this.#shape.width);
    this.#keys.decode(length, this.#workspace.keys());
    this.#values.decode(length, this.#workspace.values());
    return { keys: this.#workspace.keys(), values: this.#workspace.values(), keyLength: length, keyStride: length };
  }

  /** Keeps the first `length` positions of every sequence. */
  truncate(length: number): void {
    this.#keys.truncate(length, this.#length);
    this.#values.truncate(length, this.#length);
    this.#length = length;
  }

  release(): void {
    this.#keys.release();
    this.#values.release();
  }
}

/** @throws `generate/cache-full` */
export function checkRoom(capacity: number, held: number, added: number): void {
  if (held + added <= capacity) return;
  throw new LowbitError(
    "generate/cache-full",
    `The key/value cache has room for ${capacity} positions; it holds ${held} and ${added} more were given.`,
    { capacity, held, added },
  );
}
