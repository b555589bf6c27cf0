import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from './eventually';
import { type Answer, replies } from './fake-upstream-replies';
import type { HealthCast, HealthScene } from './health-scene';
import { type CallerAnswer, countBy, SteadyTraffic } from './health-traffic';
import { HealthWatch } from './health-watch';

const SECOND_MS = 1_000;

/** How long an upstream fails, and who asks meanwhile. */
export interface TroublePlan {
  readonly lastsMs: number;
  readonly callers: number;
  readonly pauseMs: number;
  /** What the upstream answers as long as it fails. */
  readonly failing: (endsAtMs: number) => Answer;
}

/** What callers and admins saw of it, in and after the trouble. */
export interface Trouble {
  readonly answers: readonly CallerAnswer[];
  readonly watch: HealthWatch;
  readonly endedAtMs: number;
  /** Requests of callers that the upstream got before the end. */
  readonly attempts: number;
  /** How long after the end polling used every key again. */
  readonly wholeAfterMs: number;
}

/** Goes through a time in which the upstream fails this channel, until its pool is whole again. */
export async function goThrough(scene: HealthScene, cast: HealthCast, plan: TroublePlan): Promise<Trouble> {
  const endedAtMs = Date.now() + plan.lastsMs;
  const answer: Answer = (exchange) => (Date.now() < endedAtMs ? plan.failing(endedAtMs) : replies.normal())(exchange);
  for (const key of cast.keys) scene.upstream.answerKey(key, answer);
  const watch = new HealthWatch(cast.view);
  const traffic = new SteadyTraffic(cast.relay, plan);
  await sleep(plan.lastsMs);
  const attempts = scene.upstream.keysUsed().filter((key) => cast.keys.includes(key)).length;
  await eventually(() => expectCalm(cast));
  const answers = await traffic.stop();
  await eventually(() => scene.checkPolling(cast));
  const wholeAfterMs = Date.now() - endedAtMs;
  await watch.stop();
  return { answers, watch, endedAtMs, attempts, wholeAfterMs };
}

/** A rate limit that states how long it lasts. */
export function rateLimitUntil(endsAtMs: number): Answer {
  const seconds = Math.max(1, Math.ceil((endsAtMs - Date.now()) / SECOND_MS));
  return replies.status(429, { headers: { 'retry-after': String(seconds) } });
}

/** The list of models is as good as ever. */
export function onCallsAlone(failing: Answer): Answer {
  return (exchange) => (exchange.entry.method === 'POST' ? failing : replies.normal())(exchange);
}

async function expectCalm({ view, keys }: HealthCast): Promise<void> {
  expect(await view.channel()).toMatchObject({ status: 1, breaker: { state: 'closed' } });
  expect(countBy(await view.keys(), ({ status }) => status)).toEqual(new Map([[1, keys.length]]));
  expect(await view.coolingKeys()).toBe(0);
}
