import type { PoolOutlook } from '../../health/pool-outlook';
import { allKeysCooling, noAvailableKey, REFUSALS, type Refusal, shownModel, upstreamAnswered } from './refusal';
import type { AttemptFailure, RequestFailures } from '../retry/request-failures';
import { isTimeout } from '../exchange/transport-failure';

const LONGEST_RETRY_AFTER_S = 60;
const DEFAULT_RETRY_AFTER_S = 5;
const SECOND_MS = 1_000;

// It may try other keys.
const AT_ONCE_S = 1;

/** Which keys a message is about, and which are not in its count of usable ones. */
interface Wording {
  readonly subject: string;
  readonly usable: string;
}

const ALL_KEYS: Wording = { subject: 'No key', usable: 'usable' };
const TRIED_KEYS: Wording = { subject: 'No key that was tried', usable: 'more usable' };

/** From which number of the smaller unit on the next one is used. */
const UNITS: readonly { name: string; ms: number; most: number }[] = [
  { name: 's', ms: SECOND_MS, most: 119 },
  { name: 'min', ms: 60 * SECOND_MS, most: 119 },
  { name: 'h', ms: 3_600 * SECOND_MS, most: 47 },
  { name: 'd', ms: 86_400 * SECOND_MS, most: Infinity },
];

/** What the client hears when its channels have no key that can serve the model; at once again while others are usable. */
export function noKeyLeft(outlook: PoolOutlook, model: string, wording = ALL_KEYS): Refusal {
  if (outlook.usable > 0) {
    const others = poolMessage({ ...outlook, soonestMs: null }, model, wording);
    return outlook.isRateLimited ? allKeysCooling(others, AT_ONCE_S) : noAvailableKey(others, AT_ONCE_S);
  }
  const message = poolMessage(outlook, model, wording);
  if (outlook.cooling > 0 || outlook.isRateLimited) return allKeysCooling(message, retryAfterS(outlook.soonestMs));
  return outlook.pausedChannels > 0
    ? noAvailableKey(message, retryAfterS(outlook.soonestMs))
    : noAvailableKey(message, null);
}

/**
 * What the client hears when all attempts have failed and no answer of theirs is worth passing on. A pool key's own trouble
 * is never shown as the client's, and as long as a key is only rate limited, coming again helps. The outlook leaves out
 * the keys that were tried.
 */
export function finalRefusal(failures: RequestFailures, outlook: () => PoolOutlook, model: string): Refusal {
  if (failures.isRateLimited) return noKeyLeft({ ...outlook(), isRateLimited: true }, model, TRIED_KEYS);
  const { latest } = failures;
  if (latest && hasTimedOut(latest)) return REFUSALS.timeout;
  if (latest?.verdict.kind !== 'CHANNEL' && latest?.verdict.kind !== 'HOST') {
    return noKeyLeft(outlook(), model, TRIED_KEYS);
  }
  return latest.answer ? upstreamAnswered(latest.answer.status) : REFUSALS.unreachable;
}

/** Whether it was the upstream's time that ran out. */
export function hasTimedOut({ verdict, answer, transport }: AttemptFailure): boolean {
  return transport ? isTimeout(transport) : verdict.kind === 'CHANNEL' && answer?.status === 408;
}

function retryAfterS(soonestMs: number | null): number {
  if (soonestMs === null) return DEFAULT_RETRY_AFTER_S;
  return Math.min(Math.max(Math.ceil(soonestMs / SECOND_MS), 1), LONGEST_RETRY_AFTER_S);
}

function poolMessage(outlook: PoolOutlook, model: string, { subject, usable }: Wording): string {
  const { soonestMs } = outlook;
  const counts = [
    [outlook.cooling, 'cooling'],
    [outlook.suspect, 'being checked'],
    [outlook.exhausted, 'exhausted'],
    [outlook.dead, 'dead'],
    [outlook.disabled, 'disabled'],
    [outlook.pausedChannels, outlook.pausedChannels === 1 ? 'channel paused' : 'channels paused'],
  ] as const;
  const shown = counts.filter(([count]) => count > 0).map(([count, condition]) => `, ${count} ${condition}`);
  const back = soonestMs === null ? '' : `; the soonest is back in ${inWords(soonestMs)}`;
  return `${subject} can serve ${shownModel(model)} now: ${outlook.usable} ${usable}${shown.join('')}${back}`;
}

function inWords(ms: number): string {
  const unit = UNITS.find(({ ms: unitMs, most }) => Math.ceil(ms / unitMs) <= most);
  return unit ? `${Math.max(1, Math.ceil(ms / unit.ms))} ${unit.name}` : '';
}
