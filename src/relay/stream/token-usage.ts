import type { TokenUsage } from '../../usage/token-usage';
import { afterString, CLOSE_BRACE, NONE, OPEN_BRACE, QUOTE } from '../body/json-walk';
import { usageObjectAt } from './event-marks';

type Counts = Readonly<Record<string, unknown>>;

const USAGE_KEY = '"usage';
/** Each may cost a walk to the end; an honest answer has one or two. */
const MOST_CANDIDATES = 8;
/** Turns a square bracket into the curly one, and no other byte into either. */
const BRACKET_TO_BRACE_BIT = 0x20;

/**
 * The usage that a JSON answer of any of our dialects states, or one event of its stream. The answer's end is enough: what
 * counts is the last usage with a valid count, at the top or one level below. Numbers that are no counts are passed over.
 */
export function usageIn(json: Buffer): TokenUsage | null {
  let candidates = 0;
  let key = json.lastIndexOf(USAGE_KEY);
  while (key !== NONE && candidates < MOST_CANDIDATES) {
    const start = usageObjectAt(json, key);
    if (start !== NONE) {
      const usage = usageAt(json, start);
      if (usage) return usage;
      candidates++;
    }
    key = key === 0 ? NONE : json.lastIndexOf(USAGE_KEY, key - 1);
  }
  return null;
}

/** Puts together what events of one stream say: counts only grow in its course. */
export function mergedUsage(one: TokenUsage | null, other: TokenUsage | null): TokenUsage | null {
  if (one === null || other === null) return one ?? other;
  return {
    promptTokens: larger(one.promptTokens, other.promptTokens),
    completionTokens: larger(one.completionTokens, other.completionTokens),
    cachedTokens: larger(one.cachedTokens, other.cachedTokens),
  };
}

function usageAt(json: Buffer, start: number): TokenUsage | null {
  const end = containerEnd(json, start + 1);
  if (end === NONE || !isNearTop(json, end)) return null;
  try {
    return usageOf(JSON.parse(json.toString('utf8', start, end)) as Counts);
  } catch {
    return null;
  }
}

/** A usage that lies deeper is not the answer's own: a tool's arguments may hold one too. */
function isNearTop(json: Buffer, at: number): boolean {
  const outer = containerEnd(json, at);
  const outermost = outer === NONE ? NONE : containerEnd(json, outer);
  return outer !== NONE && (outermost === NONE || containerEnd(json, outermost) === NONE);
}

/** The position past the bracket that ends the object or array around a position between two tokens; `NONE` when it is not there. */
function containerEnd(json: Buffer, from: number): number {
  let depth = 1;
  for (let at = from; at !== NONE && at < json.length;) {
    const byte = json[at] ?? 0;
    const bracket = byte | BRACKET_TO_BRACE_BIT;
    if (bracket === OPEN_BRACE) depth++;
    else if (bracket === CLOSE_BRACE) depth--;
    if (depth === 0) return at + 1;
    at = byte === QUOTE ? afterString(json, at) : at + 1;
  }
  return NONE;
}

function usageOf(counts: Counts): TokenUsage | null {
  const usage = {
    promptTokens: promptIn(counts),
    completionTokens: completionIn(counts),
    cachedTokens: cachedIn(counts),
  };
  return usage.promptTokens === null && usage.completionTokens === null ? null : usage;
}

function promptIn({ prompt_tokens, input_tokens, promptTokenCount, ...others }: Counts): number | null {
  const { cache_creation_input_tokens, cache_read_input_tokens } = others;
  return (
    count(prompt_tokens) ??
    // Anthropic counts what its cache took or gave apart from the rest.
    sum(input_tokens, cache_creation_input_tokens, cache_read_input_tokens) ??
    count(promptTokenCount)
  );
}

function completionIn({
  completion_tokens,
  output_tokens,
  candidatesTokenCount,
  thoughtsTokenCount,
}: Counts): number | null {
  return count(completion_tokens) ?? count(output_tokens) ?? sum(candidatesTokenCount, thoughtsTokenCount);
}

function cachedIn(counts: Counts): number | null {
  return (
    cachedInDetails(counts['prompt_tokens_details']) ??
    cachedInDetails(counts['input_tokens_details']) ??
    count(counts['cache_read_input_tokens']) ??
    count(counts['cachedContentTokenCount'])
  );
}

function cachedInDetails(details: unknown): number | null {
  return typeof details === 'object' && details !== null ? count((details as Counts)['cached_tokens']) : null;
}

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** Of those that are counts; null when none is. */
function sum(...values: readonly unknown[]): number | null {
  const counts = values.map(count).filter((value) => value !== null);
  return counts.length === 0 ? null : count(counts.reduce((total, value) => total + value, 0));
}

function larger(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}
