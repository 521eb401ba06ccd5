export { type ArbOptions, arb } from "./arb.js";
