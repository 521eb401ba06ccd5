export { type AtomicFile, type AtomicFileOptions, openAtomicFile, writeFileAtomic } from "./atomic-write.js";
export { openFileSource, openSyncFileReader, type SyncFileReader } from "./file-source.js";
export { openCheckpoint } from "./open-checkpoint.js";
