import { CREDENTIAL_HEADERS, HOP_BY_HOP_HEADERS, tellsOrigin } from './guarded-headers';
import { entriesOf, HasNoProblem } from './field-problem.rule';

const MOST_ENTRIES = 64;
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]{1,4096}$/;

const CREDENTIALS = 'carries a credential: the keys of the channel do that';
const CONNECTION = 'is about the connection, which Keymux makes itself';
const BODY = 'says how the body is sent, which Keymux settles itself';
const ORIGIN = 'says where a request comes from, which never goes upstream';

/** Why no admin may set these; in lower case. */
const GUARDED: ReadonlyMap<string, string> = new Map(
  [
    { why: CREDENTIALS, names: CREDENTIAL_HEADERS },
    { why: CONNECTION, names: ['host', ...HOP_BY_HOP_HEADERS] },
    { why: BODY, names: ['content-length', 'content-type', 'content-encoding', 'accept-encoding', 'expect'] },
  ].flatMap(({ why, names }) => names.map((name): [string, string] => [name, why])),
);

/** An object of header names: the value to send, or null to send none. */
export function IsHeaderOverride(): PropertyDecorator {
  return HasNoProblem(problemWithHeaderOverride);
}

export function problemWithHeaderOverride(value: unknown): string | null {
  const entries = entriesOf(value);
  if (!entries || entries.length > MOST_ENTRIES) {
    return `must be an object of at most ${MOST_ENTRIES} headers, such as {"x-title": "Keymux", "user-agent": null}`;
  }
  const names = new Set<string>();
  for (const [name, text] of entries) {
    const lowerName = name.toLowerCase();
    const problem = names.has(lowerName) ? 'is there twice' : problemWithHeader(name, text);
    if (problem !== null) return `has a header that cannot be set: ${JSON.stringify(name.slice(0, 100))} ${problem}`;
    names.add(lowerName);
  }
  return null;
}

function problemWithHeader(name: string, value: unknown): string | null {
  if (!NAME.test(name)) return "is no header's name: letters, digits and !#$%&'*+-.^_`|~, at most 100 of them";
  const lowerName = name.toLowerCase();
  const guarded = tellsOrigin(lowerName) ? ORIGIN : GUARDED.get(lowerName);
  if (guarded !== undefined) return guarded;
  const isValue = value === null || (typeof value === 'string' && VALUE.test(value));
  return isValue ? null : 'needs a value of 1 to 4096 characters of Latin-1 in one line, or null to be removed';
}
