import type { BreakerView } from '../channels/channel-breakers';
import type { KeyTally } from './key-tally';
import type { Prospect } from './prospects';

/** Why the relay would not consider a channel; empty when it would. */
export function obstaclesOf(prospect: Prospect, keys: KeyTally, nowSeconds: number): string[] {
  const { route, isListed, pool, breaker } = prospect;
  const obstacles: string[] = [];
  if (!route) obstacles.push('the channel is switched off by hand');
  else if (!isListed) obstacles.push('the channel does not list this model');
  if (route && !pool) obstacles.push('its keys are not in memory yet');
  if (keys.usable === 0) obstacles.push(lackOf(keys));
  if (breaker.state !== 'closed') obstacles.push(troubleOf(breaker, nowSeconds));
  return obstacles;
}

/** What is good to know about a channel that may be considered all the same. */
export function remarksOn({ route }: Prospect, keys: KeyTally, ahead: number): string[] {
  const remarks: string[] = [];
  if (route?.isMultiKey === false && keys.total > 1) {
    remarks.push('multi-key is off: only the lowest usable index serves');
  }
  const resting = keys.cooling + keys.benched_for_model;
  if (keys.usable > 0 && resting > 0) remarks.push(`keys that rest: ${resting}`);
  if (ahead > 0) remarks.push(`channels of a higher priority that come first: ${ahead}`);
  return remarks;
}

function lackOf({ total, cooling, suspect, benched_for_model }: KeyTally): string {
  if (total === 0) return 'the channel has no keys';
  if (cooling + suspect + benched_for_model === 0) return 'every key is off';
  return benched_for_model > 0 ? 'every key that is on rests, some for this model' : 'every key that is on rests';
}

function troubleOf({ state, reason, code, retry_at }: BreakerView, nowSeconds: number): string {
  const trial =
    state === 'half-open' ? 'a trial is under way' : `next trial in ${Math.max(0, (retry_at ?? 0) - nowSeconds)} s`;
  return `its upstream is in trouble: ${reason ?? ''} ${code ?? ''}, ${trial}`;
}
