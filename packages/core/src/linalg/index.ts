export { largestTransformSize } from "./hadamard.js";
export { hadamardMatrix, hadamardOrder } from "./hadamard-matrix.js";
export { type Rotation, randomRotation, rotatePanel, rotateRows } from "./rotation.js";
