import type { RequestRecord } from '../../src/usage/request-record';
import { TokenSpending } from '../../src/usage/spend/token-spending';
import { type FlushingInstance, FlushScene } from '../support/flush-scene';
import { someRecords } from '../support/request-records';
import { aSegment } from '../support/segments-in-memory';

const DAY = '2026-10-31';

describe(TokenSpending.name, () => {
  let scene: FlushScene;
  let instance: FlushingInstance;

  beforeEach(async () => {
    scene = await FlushScene.start();
    instance = await scene.open();
  });

  afterEach(() => scene.stop());

  function record(by: FlushingInstance, count: number): RequestRecord[] {
    const records = someRecords(count);
    for (const one of records) by.spending.add(one);
    return records;
  }

  function spent(by: FlushingInstance): number[] {
    return ['total', DAY, '2026-10'].map((period) => by.spending.spent(7, period, null).requests);
  }

  it('says the same before and after a flush', async () => {
    const records = record(instance, 5);
    expect(spent(instance)).toEqual([5, 5, 5]);
    const segment = aSegment(records);
    await instance.flush(segment);
    await instance.flush(segment);
    expect(spent(instance)).toEqual([5, 5, 5]);
  });

  it('says the same after a flush whose commit went through unheard', async () => {
    const records = record(instance, 5);
    scene.database.loseNextCommit();
    await instance.flush(aSegment(records));
    expect(scene.database.hasLostCommit).toBe(true);
    expect(spent(instance)).toEqual([5, 5, 5]);
    expect(instance.spending.spent(7, 'total', { period: 'total', requests: 6, tokens: 0 }).requests).toBe(6);
  });

  it('hears with each flush what others spent', async () => {
    const other = await scene.open();
    await other.flush(aSegment(record(other, 3)));
    await instance.flush(aSegment(record(instance, 2)));
    expect([spent(instance), spent(other)]).toEqual([
      [5, 5, 5],
      [3, 3, 3],
    ]);
  });
});
