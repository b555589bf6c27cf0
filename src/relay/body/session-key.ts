import { createHash } from 'node:crypto';
import { afterSpace, afterValue, COMMA, NONE, OPEN_BRACE, OPEN_BRACKET, QUOTE } from './json-walk';
import { type JsonField, topLevelFields, valueOf } from './top-level-fields';

const SESSION_HEADER = 'x-session-id';
/** The fields by which callers of the OpenAI API name whom or what a request belongs to. */
const OPENAI_NAMES = ['prompt_cache_key', 'user'];
const INSTRUCTIONS = ['instructions', 'system', 'systemInstruction', 'system_instruction'];
const TURN_LISTS = ['messages', 'input', 'contents'];
const PREFACE_ROLES = ['"system"', '"developer"'];

/** Sessions part in their first turns; what they never share would only cost. */
const MOST_TURNS = 4;
/** Of each part; its length is hashed as well, so that an image of megabytes need not be. */
const MOST_HASHED_BYTES = 4096;
/** 132 bits. */
const KEY_LENGTH = 22;

type Fields = ReadonlyMap<string, JsonField>;

/**
 * A short digest that is the same for all requests of one session, from which nothing of them can be read; null when the
 * request tells of no session. The first of these counts: the `x-session-id` header, a name that the body gives, how the
 * conversation begins. The headers are a flat list of names and values, the body is one that `scanBody` has accepted.
 */
export function sessionKey(headers: readonly string[], body: Buffer | null): string | null {
  const name = headers.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === SESSION_HEADER);
  const session = name < 0 ? '' : (headers[name + 1] ?? '');
  if (session !== '') return digest(SESSION_HEADER, [Buffer.from(session)]);
  if (body === null) return null;
  const fields = topLevelFields(body);
  return namedKey(body, fields) ?? openingKey(body, fields);
}

function namedKey(body: Buffer, fields: Fields): string | null {
  for (const name of OPENAI_NAMES) {
    const value = textOf(body, fields, name);
    if (value !== null) return digest(name, [value]);
  }
  // Where callers of the Anthropic API name their user; some put the session into it.
  const metadata = valueOf(body, fields, 'metadata');
  const user = metadata?.[0] === OPEN_BRACE ? textOf(metadata, topLevelFields(metadata), 'user_id') : null;
  if (user !== null) return digest('user_id', [user]);
  const previous = textOf(body, fields, 'previous_response_id');
  return previous === null ? null : digest('previous_response_id', [previous]);
}

/** The JSON text of a string that is not empty. */
function textOf(json: Buffer, fields: Fields, name: string): Buffer | null {
  const value = valueOf(json, fields, name);
  return value?.[0] === QUOTE && value.length > 2 ? value : null;
}

/** What a conversation begins with stays at its beginning in every later turn. */
function openingKey(body: Buffer, fields: Fields): string | null {
  const parts = INSTRUCTIONS.map((name) => valueOf(body, fields, name));
  const turns = TURN_LISTS.map((name) => valueOf(body, fields, name)).find((value) => value !== null);
  const opening = [...parts, ...(turns === undefined ? [] : firstTurns(turns))].filter((part) => part !== null);
  return opening.length === 0 ? null : digest('opening', opening);
}

/** The turns up to the first that is not a preface. */
function firstTurns(list: Buffer): Buffer[] {
  if (list[0] !== OPEN_BRACKET) return [list];
  const turns: Buffer[] = [];
  let at = 0;
  do {
    const start = afterSpace(list, at + 1);
    const end = afterValue(list, start);
    if (end === NONE) break;
    const turn = list.subarray(start, end);
    turns.push(turn);
    at = isPreface(turn) ? afterSpace(list, end) : NONE;
  } while (list[at] === COMMA && turns.length < MOST_TURNS);
  return turns;
}

function isPreface(turn: Buffer): boolean {
  if (turn[0] !== OPEN_BRACE) return false;
  return PREFACE_ROLES.includes(valueOf(turn, topLevelFields(turn), 'role')?.toString('latin1') ?? '');
}

function digest(kind: string, parts: readonly Buffer[]): string {
  const hash = createHash('sha256').update(kind);
  for (const part of parts) hash.update(`\n${part.length}\n`).update(part.subarray(0, MOST_HASHED_BYTES));
  return hash.digest('base64url').slice(0, KEY_LENGTH);
}
