import type { UpstreamAnswer } from './verdict';

/** What a body is: `json` as far as the content type and the first character tell, even when it is cut off. */
export type BodyForm = 'json' | 'html' | 'text' | 'empty';

/** What an answer's body says about itself, whoever's shape of error it has. */
export interface ErrorEvidence {
  readonly form: BodyForm;
  /** Every code, reason, quota id, status and type that the body states, the most telling first; numbers as text. */
  readonly names: readonly string[];
  /** The error's message, or the body itself when it is plain text; empty when there is none. */
  readonly message: string;
}

type JsonObject = Readonly<Record<string, unknown>>;

const LONGEST_BODY = 65_536;
const MOST_ENTRIES = 16;

/** Reads an answer's body once; never throws, whatever the upstream sent. A cut-off JSON body says nothing. */
export function evidenceOf(answer: UpstreamAnswer): ErrorEvidence {
  const isWhole = answer.body.length <= LONGEST_BODY;
  const body = answer.body.slice(0, LONGEST_BODY).trim();
  const mediaType = mediaTypeOf(answer.header('content-type'));
  if (body === '') return { form: 'empty', names: [], message: '' };
  if (mediaType.includes('html') || body.startsWith('<')) return { form: 'html', names: [], message: '' };
  const parsed = isWhole ? parse(body) : undefined;
  if (isJson(mediaType, body, parsed)) return { form: 'json', ...contentsOf(parsed) };
  return { form: 'text', names: [], message: body };
}

function mediaTypeOf(contentType: string): string {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
}

function isJson(mediaType: string, body: string, parsed: unknown): boolean {
  if (mediaType === 'application/json' || mediaType === 'text/json' || mediaType.endsWith('+json')) {
    return /^[{["]/.test(body);
  }
  // The data of a stream's event has no content type of its own.
  return (mediaType === '' || mediaType === 'text/event-stream') && typeof parsed === 'object' && parsed !== null;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function contentsOf(parsed: unknown): Omit<ErrorEvidence, 'form'> {
  // Google wraps the errors of streams in an array.
  const root: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  if (!isObject(root)) return { names: [], message: textOf(root) };
  const error = [own(root, 'error'), own(own(root, 'response'), 'error')].find(isObject) ?? root;
  return { names: namesOf(error), message: messageOf(error) };
}

function namesOf(error: JsonObject): string[] {
  const details = entriesOf(own(error, 'details'));
  const quotaIds = details
    .flatMap((detail) => entriesOf(own(detail, 'violations')))
    .map((violation) => own(violation, 'quotaId'));
  const reasons = details.flatMap((detail) => [own(detail, 'reason'), own(detail, 'error_code')]);
  const innerCode = own(own(error, 'innererror'), 'code');
  return [own(error, 'code'), ...reasons, ...quotaIds, innerCode, own(error, 'status'), own(error, 'type')]
    .map(textOf)
    .filter((name) => name !== '');
}

function messageOf(error: JsonObject): string {
  const [firstDetail] = entriesOf(own(error, 'detail'));
  const candidates = [own(error, 'message'), own(error, 'error'), own(error, 'detail'), own(error, 'msg')];
  return [...candidates, own(firstDetail, 'msg')].map(textOf).find((text) => text !== '') ?? '';
}

function entriesOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, MOST_ENTRIES) : [value];
}

function own(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  return Number.isSafeInteger(value) ? String(value) : '';
}
