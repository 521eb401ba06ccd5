/** Where one member of the outermost object stands in the text: from its key to behind its value. */
interface Member {
  readonly key: string;
  readonly begin: number;
  readonly end: number;
}

/**
 * Replaces one member of a JSON object given as text, or removes it when `value` is undefined. Everything else keeps
 * its bytes: parsed and printed again, 0.0 would turn into 0 and 1e-05 into 0.00001, and readers that tell integers
 * from floats refuse the first.
 * @param text a JSON object; see {@link isJsonObject}
 */
export function withJsonMember(text: string, key: string, value: object | string | boolean | undefined): string {
  const members = membersOf(text);
  const rest = members.filter((member) => member.key !== key).map(({ begin, end }) => text.slice(begin, end));
  if (value !== undefined) {
    rest.push(`${JSON.stringify(key)}: ${JSON.stringify(value, undefined, 2).replaceAll("\n", "\n  ")}`);
  } else if (rest.length === members.length) {
    return text;
  }
  const close = text.lastIndexOf("}");
  const before = text.slice(0, members[0]?.begin ?? text.indexOf("{") + 1);
  const lead = /\s*$/.exec(before)![0] || "\n  ";
  const tail = text.slice(members.at(-1)?.end ?? close, close) || "\n";
  return `${before.trimEnd()}${rest.map((member) => lead + member).join(",")}${tail}${text.slice(close)}`;
}

/** The value of one member of a JSON object given as text, the last where there are several; NaN and Infinity as null. */
export function jsonMember(text: string, key: string): unknown {
  const member = membersOf(text).findLast((found) => found.key === key);
  if (member === undefined) return undefined;
  const strict = text
    .slice(member.begin, member.end)
    .replace(STRING_OR_CONSTANT, (token) => (token.startsWith('"') ? token : "null"));
  return (JSON.parse(`{${strict}}`) as Record<string, unknown>)[key];
}

/** Whether the text is a JSON object as Python's `json` reads it: with NaN and Infinity, which it also writes. */
export function isJsonObject(text: string): boolean {
  try {
    const strict = text.replace(STRING_OR_CONSTANT, (token) => (token.startsWith('"') ? token : " 0 "));
    const parsed: unknown = JSON.parse(strict);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
  } catch {
    return false;
  }
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;
const STRING_OR_CONSTANT = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g;

function membersOf(text: string): Member[] {
  const members: Member[] = [];
  let depth = 0;
  let open: { key: string; begin: number } | undefined;
  const finish = (end: number): void => {
    if (open) members.push({ ...open, end: text.slice(0, end).trimEnd().length });
    open = undefined;
  };
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token === "}" || token === "]") depth--;
    if ((token === "," && depth === 1) || (token === "}" && depth === 0)) finish(index);
    if (token === "{" || token === "[") depth++;
    if (token.startsWith('"') && depth === 1 && open === undefined) {
      open = { key: JSON.parse(token) as string, begin: index };
    }
  }
  return members;
}
