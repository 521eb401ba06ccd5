export { type OpenSideFile, readCheckpointConfig } from "./checkpoint-config.js";
export { beginsAsGguf } from "./container.js";
export { type CheckedFile, checkpointProblems, type FileProblems, headerProblems } from "./header-problems.js";
export { type CheckpointDirectory, openCheckpointDirectory } from "./open-checkpoint-directory.js";
export { type OpenCheckpointFileOptions, openCheckpointFile } from "./open-checkpoint-file.js";
export { type MemoryFile, openCheckpointFiles } from "./open-checkpoint-files.js";
