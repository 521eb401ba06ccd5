/** A text as one word of a POSIX shell. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/u.test(text) && /^[\x21-\x7e]+$/.test(text)) return text;
  return `'${text.replaceAll("'", "'\\''")}'`;
}
