import * as fc from 'fast-check';
import type { Clock } from '../../common/clock';
import { FailureWave } from './failure-wave';

const WINDOW_MS = 30_000;

let nowMs = 0;
const clock: Clock = { nowMs: () => nowMs, wallMs: () => nowMs };

const aSlot = fc.nat(11);
const aFailure = fc.record({
  slot: aSlot,
  signature: fc.constantFrom('KEY_DEAD:invalid_api_key', 'KEY_RATE:http_429'),
  pauseMs: fc.nat(6_000),
});
const aSuccess = fc.record({ slot: aSlot, ageMs: fc.nat(8_000), pauseMs: fc.nat(6_000) });

describe(FailureWave.name, () => {
  it('never raises when another key succeeded with an attempt that started after the first of the failures', () => {
    let raised = 0;
    const events = fc.array(fc.oneof({ weight: 6, arbitrary: aFailure }, aSuccess), { maxLength: 60, size: 'max' });
    fc.assert(
      fc.property(events, (history) => {
        const wave = new FailureWave(clock);
        const lastFailureMs = new Map<string, number>();
        const successes: { slot: number; startedAtMs: number }[] = [];
        for (const event of history) {
          nowMs += event.pauseMs;
          if ('ageMs' in event) {
            successes.push({ slot: event.slot, startedAtMs: nowMs - event.ageMs });
            wave.succeeded(event.slot, nowMs - event.ageMs);
            continue;
          }
          lastFailureMs.set(`${event.signature} ${event.slot}`, nowMs);
          const suspicion = wave.failed(event.slot, event.signature, 12);
          if (!suspicion) continue;
          raised++;
          const { signature, slots } = suspicion;
          const firstMs = Math.min(...slots.map((slot) => lastFailureMs.get(`${signature} ${slot}`) ?? -Infinity));
          expect(firstMs).toBeGreaterThan(nowMs - WINDOW_MS);
          expect(successes.filter(({ slot, startedAtMs }) => !slots.includes(slot) && startedAtMs > firstMs)).toEqual(
            [],
          );
        }
      }),
    );
    expect(raised).toBeGreaterThan(0);
  });

  it('raises, while nothing succeeds, exactly when enough keys failed alike within 30 s', () => {
    fc.assert(
      fc.property(
        fc.array(aFailure, { maxLength: 60, size: 'max' }),
        fc.integer({ min: 1, max: 30 }),
        (history, poolSize) => {
          const wave = new FailureWave(clock);
          const failures: { slot: number; signature: string; atMs: number }[] = [];
          const silentUntilMs = new Map<string, number>();
          for (const { slot, signature, pauseMs } of history) {
            nowMs += pauseMs;
            failures.push({ slot, signature, atMs: nowMs });
            const alike = failures.filter((other) => other.signature === signature && nowMs - other.atMs < WINDOW_MS);
            const slots = new Set(alike.map((failure) => failure.slot));
            const isDue =
              slots.size >= 3 && slots.size > 0.3 * poolSize && nowMs >= (silentUntilMs.get(signature) ?? 0);
            const suspicion = wave.failed(slot, signature, poolSize);
            expect(suspicion && new Set(suspicion.slots)).toEqual(isDue ? slots : null);
            if (isDue) silentUntilMs.set(signature, nowMs + WINDOW_MS);
          }
        },
      ),
    );
  });
});
