export { type BillmOptions, billm } from "./billm.js";
