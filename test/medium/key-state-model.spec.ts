import * as fc from 'fast-check';
import { historyOf } from '../support/key-state-commands';
import { KeyStateRun } from '../support/key-state-run';
import { KeyStateScene } from '../support/key-state-scene';

// Each key of a run goes through a sequence of commands of its own, so these are 10,000 sequences.
const RUNS = 25;
const KEYS_PER_RUN = 400;

const CHANGES_THAT_MUST_OCCUR = [
  'active to cooling by traffic',
  'active to exhausted by traffic',
  'active to manual by admin',
  'active to suspect by traffic',
  'cooling to active by admin',
  'cooling to manual by admin',
  'dead to active by admin',
  'dead to active by import',
  'dead to active by probe',
  'dead to manual by admin',
  'exhausted to active by import',
  'exhausted to active by probe',
  'exhausted to cooling by probe',
  'manual to active by admin',
  'suspect to active by probe',
  'suspect to active by system',
  'suspect to dead by probe',
  'suspect to manual by admin',
  'suspect to suspect by probe',
];

describe('the states of keys', () => {
  let scene: KeyStateScene;

  beforeAll(async () => {
    scene = await KeyStateScene.start();
    // No jitter: what rests ends when it was asked for.
    jest.spyOn(Math, 'random').mockReturnValue(0);
  });

  afterAll(async () => {
    jest.restoreAllMocks();
    await scene.stop();
  });

  it('follow admins, attempts and probes in any order, with nothing old undoing anything newer', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(historyOf(KEYS_PER_RUN), async (history) => {
        await KeyStateRun.play(scene, history, ([from, to, actor]) => seen.add(`${from} to ${to} by ${actor}`));
      }),
      { numRuns: RUNS, interruptAfterTimeLimit: 300_000, markInterruptAsFailure: true },
    );
    expect([...seen].sort()).toEqual(expect.arrayContaining(CHANGES_THAT_MUST_OCCUR));
  }, 400_000);
});
