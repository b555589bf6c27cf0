import type { Dialect } from '../channels/dialect';
import { LONGEST_MODEL_NAME } from '../channels/channel-models';
import { isText } from '../common/field-rules';

/** One page of an upstream's list of models. */
export interface ModelPage {
  readonly names: readonly string[];
  /** Where the next page begins; null after the last one. */
  readonly cursor: string | null;
}

interface Paging {
  readonly first: string;
  readonly cursorField: string;
}

/** OpenAI's list has one page, and nobody knows what an upstream like it makes of a query. */
const PAGINGS: Readonly<Record<Dialect, Paging | null>> = {
  openai: null,
  anthropic: { first: '?limit=1000', cursorField: 'after_id' },
  gemini: { first: '?pageSize=1000', cursorField: 'pageToken' },
};

/** The query that asks for the page at this cursor; null for the first one. */
export function pageQuery(dialect: Dialect, cursor: string | null): string {
  const paging = PAGINGS[dialect];
  if (!paging) return '';
  return paging.first + (cursor === null ? '' : `&${paging.cursorField}=${encodeURIComponent(cursor)}`);
}

/**
 * Reads a page in the shape of OpenAI and Anthropic (`data[].id`) or of Gemini (`models[].name`, less `models/`); null for
 * anything else. Names that no channel can hold are left out, and so are those that quote the key.
 */
export function readModelPage(dialect: Dialect, body: string, secret: string): ModelPage | null {
  const { data, models, ...page } = objectOf(parse(body));
  const entries = Array.isArray(data) ? data : models;
  if (!Array.isArray(entries)) return null;
  const names = entries
    .map(objectOf)
    .map(({ id, name }) => id ?? name)
    .filter((name): name is string => isText(name, 1, LONGEST_MODEL_NAME))
    .map((name) => (dialect === 'gemini' ? name.replace(/^models\//, '') : name))
    .filter((name) => !name.includes(secret));
  return { names, cursor: PAGINGS[dialect] ? cursorOf(page) : null };
}

function cursorOf({ has_more: hasMore, last_id: lastId, nextPageToken }: Record<string, unknown>): string | null {
  const cursor = hasMore === true ? lastId : nextPageToken;
  return typeof cursor === 'string' && cursor !== '' ? cursor : null;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
