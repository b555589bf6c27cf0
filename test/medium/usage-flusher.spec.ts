import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { BatchWriter } from '../../src/usage/flush/batch-writer';
import { UsageFlusher } from '../../src/usage/flush/usage-flusher';
import type { FlushableSegment } from '../../src/usage/flush/flushable-segments';
import type { RequestRecord } from '../../src/usage/request-record';
import { eventually } from '../support/eventually';
import { type FlushingInstance, FlushScene } from '../support/flush-scene';
import { aRecord, anAttempt, someRecords } from '../support/request-records';
import { aSegment } from '../support/segments-in-memory';

describe(UsageFlusher, () => {
  let scene: FlushScene;
  let instance: FlushingInstance;

  beforeEach(async () => {
    scene = await FlushScene.start();
    instance = await scene.open();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await scene.stop();
  });

  const all = (requests: number): number[] => Array<number>(4).fill(requests);

  it('counts a segment once, however often it is brought and by whomever at the same time', async () => {
    const other = await scene.open();
    const segment = aSegment(someRecords(1_000));
    instance.segments.put(segment, segment, aSegment(someRecords(1), { instance: segment.instance, seq: 2 }));
    other.segments.put(segment);
    await Promise.all([instance.flush(), other.flush()]);
    await instance.flush(segment);
    expect(await scene.requestCounts()).toEqual(all(1_001));
  });

  it('counts a segment once whose commit went through unheard', async () => {
    scene.database.loseNextCommit();
    await instance.flush(aSegment(someRecords(10)));
    expect(scene.database.hasLostCommit).toBe(true);
    expect(await scene.requestCounts()).toEqual(all(10));
  });

  it('does not claim a segment in which it finds nothing', async () => {
    const name = { instance: randomUUID(), seq: 1 };
    await instance.flush(aSegment([], name));
    await instance.flush(aSegment(someRecords(2), name));
    expect(await scene.requestCounts()).toEqual(all(2));
  });

  describe('while the database is away', () => {
    it('keeps what there is, and writes it when the database is back', async () => {
      await instance.flush(aSegment(someRecords(3)));
      scene.database.cut();
      instance.segments.put(aSegment(someRecords(2)), aSegment(someRecords(5)));
      const warn = jest.spyOn(Logger.prototype, 'warn');
      await eventually(() => {
        expect(warn).toHaveBeenCalled();
      });
      expect(instance.segments.size).toBe(2);
      scene.database.mend();
      await instance.flush();
      expect(await scene.requestCounts()).toEqual(all(10));
    });

    it('says so once, and waits ever longer between tries', async () => {
      const waiting = await scene.open(scene.clock);
      const warn = jest.spyOn(Logger.prototype, 'warn');
      scene.database.cut();
      waiting.segments.put(aSegment(someRecords(1)));
      await eventually(() => {
        expect(warn).toHaveBeenCalledTimes(1);
      });
      scene.database.mend();
      const listed = jest.spyOn(waiting.segments, 'list');
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(listed).not.toHaveBeenCalled();
      scene.clock.advance(100);
      await waiting.flush();
      expect(warn).toHaveBeenCalledTimes(1);
    });

    it('says once a minute for how long, and how many segments wait', async () => {
      const waiting = await scene.open(scene.clock);
      const warn = jest.spyOn(Logger.prototype, 'warn');
      const written = jest.spyOn(BatchWriter.prototype, 'write');
      scene.database.cut();
      waiting.segments.put(aSegment(someRecords(1)), aSegment(someRecords(1)));
      for (const [tries, afterMs] of [0, 20_000, 20_000, 20_000].entries()) {
        scene.clock.advance(afterMs);
        await eventually(() => {
          expect(written).toHaveBeenCalledTimes(tries + 1);
        });
        await Promise.allSettled(written.mock.results.map(({ value }) => value as Promise<void>));
      }
      await eventually(() => {
        expect(warn).toHaveBeenCalledTimes(2);
      });
      expect(warn.mock.calls.map(([line]) => /, (.*) now/.exec(String(line))?.[1])).toEqual([
        '2 segments for 0 s',
        '2 segments for 60 s',
      ]);
    });

    it('lets the segment grow that is being written', async () => {
      const close = jest.spyOn(instance.segments, 'close');
      const warn = jest.spyOn(Logger.prototype, 'warn');
      scene.database.cut();
      instance.segments.put(aSegment(someRecords(1)));
      await eventually(() => {
        expect(warn).toHaveBeenCalled();
      });
      close.mockClear();
      await sleep(300);
      expect(close).not.toHaveBeenCalled();
      scene.database.mend();
      await eventually(() => {
        expect(close).toHaveBeenCalled();
      });
    });

    it('stops in time, and leaves the rest for the next start', async () => {
      scene.database.cut();
      instance.segments.put(aSegment(someRecords(2)));
      await instance.stop();
      expect(instance.segments.size).toBe(1);
    });
  });

  it('flushes what is left when the program stops', async () => {
    instance.segments.put(...Array.from({ length: 20 }, () => aSegment(someRecords(10))));
    await instance.stop();
    expect(instance.segments.size).toBe(0);
    expect(await scene.requestCounts()).toEqual(all(200));
  });

  it('sets aside, loudly, what cannot be read or is refused, and goes on with the others', async () => {
    const waiting = await scene.open(scene.clock);
    const error = jest.spyOn(Logger.prototype, 'error');
    let isReadable = false;
    const sound = aSegment(someRecords(2));
    const read = (): ReturnType<FlushableSegment['read']> =>
      isReadable ? sound.read() : Promise.reject(new Error('canary'));
    const refused = aSegment(someRecords(1, { endReason: 'x'.repeat(21) as RequestRecord['endReason'] }));
    waiting.segments.put(refused, { ...sound, read }, aSegment(someRecords(3)));
    await eventually(async () => {
      expect(await scene.requestCounts()).toEqual(all(3));
    });
    expect(waiting.segments.size).toBe(2);
    expect(error).toHaveBeenCalledTimes(2);
    expect(error.mock.calls.join()).toContain('22001');
    expect(error.mock.calls.join()).not.toContain('canary');
    isReadable = true;
    scene.clock.advance(600_000);
    await eventually(async () => {
      expect(await scene.requestCounts()).toEqual(all(5));
    });
    expect(waiting.segments.size).toBe(1);
  });

  it('counts a segment once whose file cannot be deleted, and says so once', async () => {
    const waiting = await scene.open(scene.clock);
    const [warn, error] = [jest.spyOn(Logger.prototype, 'warn'), jest.spyOn(Logger.prototype, 'error')];
    const done = jest.spyOn(waiting.segments, 'done').mockRejectedValue(Object.assign(new Error(), { code: 'EROFS' }));
    const segment = aSegment(someRecords(2));
    const read = jest.spyOn(segment, 'read');
    waiting.segments.put(segment);
    for (const times of [1, 2]) {
      await eventually(() => {
        expect(done).toHaveBeenCalledTimes(times);
      });
      if (times === 2) done.mockRestore();
      scene.clock.advance(5_000);
    }
    await waiting.flush();
    expect(read).toHaveBeenCalledTimes(1);
    expect(await scene.requestCounts()).toEqual(all(2));
    expect(warn.mock.calls.join()).toMatch(/is in the database, its file could not be deleted: EROFS/);
    expect([warn.mock.calls.length, error.mock.calls.length]).toEqual([1, 0]);
  });

  it('says nothing of a segment that is gone, of which the journal has told', async () => {
    const error = jest.spyOn(Logger.prototype, 'error');
    const gone = aSegment([]);
    jest.spyOn(gone, 'read').mockImplementation(async () => {
      await instance.segments.done(gone);
      throw new Error();
    });
    await instance.flush(gone, aSegment(someRecords(2)));
    expect(await scene.requestCounts()).toEqual(all(2));
    expect(error).not.toHaveBeenCalled();
  });

  it('lets two instances write to the same rows at once, without a deadlock', async () => {
    const other = await scene.open();
    const mixed = (): FlushableSegment =>
      aSegment(
        Array.from({ length: 300 }, () => {
          const keyId = 1 + Math.floor(Math.random() * 50);
          return aRecord({ tokenId: keyId % 9, modelAsked: `m${keyId % 4}`, attempts: [anAttempt({ keyId })] });
        }),
      );
    for (const { segments } of [instance, other]) segments.put(...Array.from({ length: 30 }, mixed));
    await Promise.all([instance.flush(), other.flush()]);
    expect(await scene.requestCounts()).toEqual(all(18_000));
    expect(await scene.query(`SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()`)).toEqual(
      [{ deadlocks: 0 }],
    );
  });

  it('keeps up with thousands of requests a second', async () => {
    const segments = Array.from({ length: 10 }, () =>
      aSegment(
        Array.from({ length: 5_000 }, (_, i) =>
          aRecord({ tokenId: i % 20, attempts: [anAttempt({ keyId: 1 + (i % 50) })] }),
        ),
      ),
    );
    const startMs = performance.now();
    await instance.flush(...segments);
    const seconds = (performance.now() - startMs) / 1_000;
    process.stdout.write(`flushed ${Math.round(50_000 / seconds)} requests a second\n`);
    expect(await scene.requestCounts()).toEqual(all(50_000));
  });
});
