import { mapInSlices } from '../common/in-slices';
import { maskSecret } from '../common/mask-secret';

const SHORTEST_KEY = 8;
const LONGEST_KEY = 512;
// Longer lines are refused unread: what could be stripped from them is no key of 512 characters either.
const LONGEST_LINE = 2048;

// What pasting leaves around a key: white space, byte order marks, zero-width characters, quotes, list commas.
const WRAPPING = /[\s\p{Cf}"'`“”‘’«»,;]/u;
const BEARER = /^bearer\s+/i;

/** An answer names no more problems than this. */
export const MOST_PROBLEMS_SHOWN = 100;

/** A line of an import that is no usable key. */
export interface KeyProblem {
  /** From 1 on. */
  readonly line: number;
  readonly reason: string;
  /** Masked. */
  readonly key: string;
}

/** An import list sorted out: the usable keys in order, each once. */
export interface KeyList {
  readonly keys: readonly string[];
  readonly duplicateCount: number;
  readonly problems: readonly KeyProblem[];
}

/** Sorts out the lines of an import: strips what pasting leaves around a key, drops blanks, sets aside what is no key. */
export async function readKeyList(lines: readonly string[]): Promise<KeyList> {
  const keys = new Set<string>();
  const problems: KeyProblem[] = [];
  let duplicateCount = 0;
  await mapInSlices(lines, (text, i) => {
    const key = text.length > LONGEST_LINE ? text.slice(0, LONGEST_LINE) : unwrap(unwrap(text).replace(BEARER, ''));
    if (key === '') return;
    const reason = problemOf(key);
    if (reason !== null) problems.push({ line: i + 1, reason, key: maskSecret(key) });
    else if (keys.has(key)) duplicateCount++;
    else keys.add(key);
  });
  return { keys: [...keys], duplicateCount, problems };
}

/** From both ends by hand: a pattern anchored at the end would try every run of wrapping inside the text. */
function unwrap(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && WRAPPING.test(text.charAt(start))) start++;
  while (end > start && WRAPPING.test(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

function problemOf(key: string): string | null {
  if (key.length > LONGEST_KEY) return `is longer than ${LONGEST_KEY} characters`;
  if (/[\r\n]/.test(key)) return 'holds a line break: send one key an entry';
  const stranger = /[^\x21-\x7e]/u.exec(key);
  if (stranger) return `holds the character ${codePointOf(stranger[0])}; keys are printable ASCII without spaces`;
  if (key.length < SHORTEST_KEY) return `is shorter than ${SHORTEST_KEY} characters`;
  return null;
}

function codePointOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
