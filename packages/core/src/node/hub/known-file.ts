import { isSafeCount } from "../../bytes/checked-integers.js";
import { LowbitError } from "../../errors/index.js";
import type { KnownFile } from "./download-file.js";
import { ETAG, fileUrl, type HubFile } from "./hub-listing.js";
import type { HubReference } from "./hub-reference.js";
import { accepted, askHub } from "./hub-request.js";
import type { HubSettings } from "./hub-settings.js";

/**
 * Size and hash of a file: from the list, or asked for where a mirror does not list them.
 * @throws `hub/bad-answer`
 */
export async function knownFile(
  settings: HubSettings,
  reference: HubReference,
  commit: string,
  file: HubFile,
  signal?: AbortSignal,
): Promise<KnownFile> {
  const { name, byteLength, etag } = file;
  if (byteLength !== undefined && etag !== undefined) return { name, byteLength, etag };
  const url = fileUrl(settings, reference, commit, name);
  const answer = await askHub(settings, url, { method: "HEAD", leavesHub: false, ...(signal ? { signal } : {}) });
  if (answer.response.status >= 400) await accepted(answer, reference, `the file ${name}`, settings);
  const { own } = answer;
  const size = Number(own.get("x-linked-size") ?? own.get("content-length") ?? Number.NaN);
  const hash = (own.get("x-linked-etag") ?? own.get("etag") ?? "").replace(/^W\//, "").replaceAll('"', "");
  if (isSafeCount(size) && ETAG.test(hash)) return { name, byteLength: size, etag: hash };
  throw new LowbitError("hub/bad-answer", `${reference.text}: the Hub tells no size or no hash of ${name}.`, {
    file: name,
  });
}
