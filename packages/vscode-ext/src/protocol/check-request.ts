import * as v from "valibot";
import type { RequestFailure } from "./envelope.js";
import type { HostRequestName, RequestName } from "./request-map.js";
import { REQUEST_SCHEMAS } from "./request-schemas.js";

/** A request whose name is known and whose params have the form that the name demands, or why not. */
export type CheckedRequest =
  | { readonly isValid: true; readonly name: RequestName; readonly params: unknown }
  | { readonly isValid: false; readonly failure: RequestFailure };

const SHOWN_LENGTH = 80;

export function checkRequest(name: unknown, params: unknown): CheckedRequest {
  if (!isRequestName(name))
    return invalid("protocol/unknown-request", `There is no request named ${shorten(String(name))}.`);
  const checked = v.safeParse(REQUEST_SCHEMAS[name], params, { abortEarly: true });
  if (checked.success) return { isValid: true, name, params: checked.output };
  const [issue] = checked.issues;
  const place = v.getDotPath(issue) ?? "params";
  return invalid("protocol/invalid-params", `${name}: ${shorten(place)}: ${shorten(issue.message)}`);
}

function isRequestName(name: unknown): name is RequestName {
  return typeof name === "string" && Object.hasOwn(REQUEST_SCHEMAS, name);
}

/** True: the host answers; false: the engine does. */
export function isHostRequest(name: RequestName): name is HostRequestName {
  return name.startsWith("host/");
}

function invalid(code: string, message: string): CheckedRequest {
  return { isValid: false, failure: { code, message } };
}

function shorten(text: string): string {
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}
