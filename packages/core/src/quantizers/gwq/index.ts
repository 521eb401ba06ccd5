export { type GwqOptions, gwq } from "./gwq.js";
