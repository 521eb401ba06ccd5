export { type TernaryOptions, ternary } from "./ternary.js";
