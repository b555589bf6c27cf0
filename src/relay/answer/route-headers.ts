import type { AttemptFacts } from '../../health/attempt-facts';

/** The headers that tell which way a request went, as a flat list. */
export function routeHeaders({ channel, key }: AttemptFacts, attemptCount: number): string[] {
  return [
    'x-keymux-channel',
    String(channel.id),
    'x-keymux-key-index',
    String(key.index),
    'x-keymux-attempts',
    String(attemptCount),
  ];
}
