import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { OutputWriter } from "../pipeline/output-writer.js";
import type { Checkpoint, TensorReader } from "../safetensors/checkpoint.js";
import { openSyncFileReader, type SyncFileReader } from "./file-source.js";
import { writeFailed } from "./file-writer.js";

// Blocking file access for worker threads. A worker has nothing else to do meanwhile, the kernel reads ahead by itself,
// and bytes that the computing core has just copied are in its cache: cheaper than a turn of the event loop and a
// thread of libuv for every block.

/** The same checkpoint, its tensors read by blocking calls from the files of `directory`. */
export function withSyncReads(checkpoint: Checkpoint, directory: string): Checkpoint {
  const files = openTensorFiles(directory);
  return {
    ...checkpoint,
    read: files.read,
    async close() {
      await files.close();
      await checkpoint.close();
    },
  };
}

/** Blocking reads of tensors whose places are known; headers are not opened. */
export function openTensorFiles(directory: string): TensorReader & Pick<Checkpoint, "close"> {
  const readers = new Map<string, SyncFileReader>();
  const readerOf = (shard: string): SyncFileReader => {
    let reader = readers.get(shard);
    if (reader === undefined) {
      reader = openSyncFileReader(join(directory, shard));
      readers.set(shard, reader);
    }
    return reader;
  };
  return {
    async read(tensor, offset, target) {
      readerOf(tensor.shard).read(tensor.byteOffset + offset, target);
    },
    async close() {
      for (const reader of readers.values()) reader.close();
      readers.clear();
    },
  };
}

/** Like `createFileWriter`, with blocking calls. */
export function createSyncFileWriter(directory: string): OutputWriter {
  const descriptors = new Map<string, number>();
  const descriptorOf = (file: string): number => {
    let descriptor = descriptors.get(file);
    if (descriptor === undefined) {
      descriptor = openSync(join(directory, file), "r+");
      descriptors.set(file, descriptor);
    }
    return descriptor;
  };
  return {
    async write(file, byteOffset, bytes) {
      try {
        const descriptor = descriptorOf(file);
        for (let done = 0; done < bytes.byteLength; ) {
          done += writeSync(descriptor, bytes, done, bytes.byteLength - done, byteOffset + done);
        }
      } catch (cause) {
        throw writeFailed(join(directory, file), cause);
      }
    },
    async close() {
      for (const descriptor of descriptors.values()) closeSync(descriptor);
      descriptors.clear();
    },
  };
}
