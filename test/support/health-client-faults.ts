import { POISON } from './verdict-vectors/poison';

/** An upstream's refusal of a request that is its caller's own fault. */
export interface ClientFault {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** From 0 to below 1. */
export type Draw = () => number;

const STATUSES = [400, 404, 405, 406, 410, 411, 413, 415, 416, 417, 418, 422, 424, 426, 428, 431];
const ORDINARY_CODES = [
  null,
  'context_length_exceeded',
  'content_policy_violation',
  'invalid_value',
  'missing_required_parameter',
  'string_above_max_length',
  'unsupported_parameter',
];
const ORDINARY_TYPES = ['invalid_request_error', 'bad_request', 'BadRequestError', null];
const LEADS = ['Invalid value: ', 'You wrote: "', "Unsupported parameter: '", "We could not parse: '", 'messages[0]: '];
const SPECIAL = ['\u0000', '\ud800', '"', '\\', '\n', '</html>', '{"error":{"code":"invalid_api_key"}}', ''];

/** Draws the same faults for the same seed. */
export function seededDraw(seed: number): Draw {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Any refusal of a caller's request, with words that other programs ban keys for wherever a caller can put them. */
export function drawFault(draw: Draw): ClientFault {
  const status = pick(draw, STATUSES);
  const json = (value: unknown): ClientFault => ({
    status,
    contentType: 'application/json',
    body: JSON.stringify(value),
  });
  const shapes: (() => ClientFault)[] = [
    () => json({ error: openAiError(draw) }),
    () => json({ error: openAiError(draw) }),
    () => json({ error: poisonedText(draw) }),
    () => json({ detail: [{ loc: ['body', pick(draw, POISON)], msg: poisonedText(draw), type: 'value_error' }] }),
    () => json({ message: poisonedText(draw), request: nested(draw, 3) }),
    () => json({ error: { code: status, message: poisonedText(draw), details: [{ field: nested(draw, 2) }] } }),
    () => json(nested(draw, 4)),
    () => ({ status: 413, contentType: 'text/html', body: `<html><body>${poisonedText(draw)}</body></html>` }),
  ];
  return pick(draw, shapes)();
}

/** Words of a caller that hold what other programs ban keys for. */
export function poisonedText(draw: Draw): string {
  const words = Array.from({ length: 1 + Math.floor(draw() * 3) }, () => pick(draw, POISON) + pick(draw, SPECIAL));
  return pick(draw, LEADS) + words.join(' ');
}

function openAiError(draw: Draw): object {
  return {
    message: poisonedText(draw),
    type: pick(draw, ORDINARY_TYPES),
    param: pick(draw, POISON),
    code: pick(draw, ORDINARY_CODES),
    input: nested(draw, 2),
  };
}

/** JSON of a caller's own that an upstream may quote, errors of every kind included. */
function nested(draw: Draw, depth: number): unknown {
  if (depth === 0) return pick(draw, POISON);
  const inner = nested(draw, depth - 1);
  return pick<() => unknown>(draw, [
    () => [inner, pick(draw, POISON)],
    () => ({ input: inner, [pick(draw, POISON)]: pick(draw, POISON) }),
    () => ({ quoted: { error: { code: pick(draw, POISON), type: pick(draw, POISON), message: inner } } }),
  ])();
}

function pick<T>(draw: Draw, values: readonly T[]): T {
  return values[Math.floor(draw() * values.length)] as T;
}
