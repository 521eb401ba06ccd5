export { type DbOptions, db } from "./db.js";
