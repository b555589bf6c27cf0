import type { FakeUpstream } from './fake-upstream';
import type { LedgerEntry } from './fake-upstream-exchange';

const EXPECTED_HEADERS: Readonly<Record<string, readonly string[]>> = {
  GET: ['host', 'connection', 'accept', 'accept-encoding', 'user-agent', 'authorization'],
  POST: [
    'host',
    'connection',
    'accept',
    'accept-encoding',
    'user-agent',
    'authorization',
    'content-type',
    'content-length',
  ],
};

/** What Keymux asked an upstream of its own accord with this key. */
export function probesOf({ probes }: FakeUpstream, key: string): LedgerEntry[] {
  return probes.filter((probe) => probe.key === key);
}

/** The headers of a probe that neither every HTTP client sends nor its method needs. */
export function strangeHeaders({ method, headers }: LedgerEntry): string[] {
  return Object.keys(headers).filter((name) => !EXPECTED_HEADERS[method]?.includes(name));
}

/** All that a request said. */
export function textOf({ path, rawHeaders, body }: LedgerEntry): string {
  return [path, ...rawHeaders, body.toString()].join('\n');
}

/** Fails unless there were calls with this key, all of them of one token of this model. */
export function expectOwnCalls(upstream: FakeUpstream, key: string, model: string): void {
  const calls = probesOf(upstream, key).filter(({ method }) => method === 'POST');
  expect(calls.length).toBeGreaterThanOrEqual(1);
  for (const call of calls) {
    const messages = [{ role: 'user', content: 'hi' }];
    expect(JSON.parse(call.body.toString())).toEqual({ model, max_tokens: 1, messages });
    expect(strangeHeaders(call)).toEqual([]);
  }
}
