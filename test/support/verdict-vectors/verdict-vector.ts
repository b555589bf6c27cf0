import type { ProviderType } from '../../../src/channels/provider-type';
import type { UpstreamAnswer, Verdict } from '../../../src/health/verdict/verdict';

/** An upstream's answer as it was documented or seen, and what it must mean. */
export interface VerdictVector {
  readonly title: string;
  readonly provider: ProviderType;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly verdict: Pick<Verdict, 'kind' | 'rule' | 'code'> & Partial<Verdict>;
}

interface VectorRow {
  readonly title: string;
  readonly status: number;
  /** Beside the content type, which an object's body has of its own accord. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object | string;
  readonly verdict: VerdictVector['verdict'];
}

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' };

export function vectorsOf(provider: ProviderType, rows: readonly VectorRow[]): VerdictVector[] {
  return rows.map(({ body, headers, ...row }) =>
    typeof body === 'string'
      ? { ...row, provider, headers: headers ?? {}, body }
      : { ...row, provider, headers: { ...JSON_HEADERS, ...headers }, body: JSON.stringify(body) },
  );
}

export function answerOf({
  status,
  headers,
  body,
}: Pick<VerdictVector, 'status' | 'headers' | 'body'>): UpstreamAnswer {
  return { status, header: (name) => headers[name] ?? '', body };
}

export function jsonAnswer(status: number, body: unknown): UpstreamAnswer {
  return answerOf({ status, headers: JSON_HEADERS, body: JSON.stringify(body) });
}
