/**
 * Text of an untrusted file as it can be shown: control characters, line breaks, marks that turn the direction of writing
 * and half surrogates become visible escapes, long text is cut in the middle. HTML needs no escape: templates write text.
 */
export function visibleText(text: string, maxLength = 300): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength - 41)}…${text.slice(-40)}` : text;
  return cut.replace(UNPRINTABLE, (mark) => {
    const code = mark.codePointAt(0) ?? 0;
    return code > 0xff ? `\\u${code.toString(16).padStart(4, "0")}` : `\\x${code.toString(16).padStart(2, "0")}`;
  });
}

/** Controls, format marks (zero width, direction), line and paragraph separators, halves of surrogate pairs. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
