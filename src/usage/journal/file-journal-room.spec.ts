import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { eventually } from '../../../test/support/eventually';
import { contentOf, JournalScene } from '../../../test/support/journal-scene';
import { anAttempt, aRecord, someRecords } from '../../../test/support/request-records';
import type { RequestRecord } from '../request-record';
import type { UsageSum } from '../request-sums';
import { FileJournal } from './file-journal';

const STEP_MS = 10;

const total = (sums: readonly UsageSum[]): number => sums.reduce((sum, { requests }) => sum + requests, 0);

describe(`${FileJournal.name} without room`, () => {
  let scene: JournalScene;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });

  beforeEach(async () => {
    scene = await JournalScene.make();
  });

  afterEach(() => scene.clean());

  function recordAll(journal: FileJournal, records: readonly RequestRecord[]): void {
    for (const record of records) journal.record(record);
  }

  it('keeps records in memory while nothing can be written, and writes them once it can', async () => {
    await writeFile(scene.root, 'no folder');
    const journal = await scene.start();
    const records = someRecords(500);
    recordAll(journal, records);
    await journal.close();
    expect(await journal.list()).toEqual([]);
    await rm(scene.root);
    await eventually(() => {
      expect(scene.events).toEqual(['failing', 'recovered']);
    });
    expect((await contentOf(journal)).records).toEqual(records);
  });

  it('keeps the sums of what memory has no room for', async () => {
    await writeFile(scene.root, 'no folder');
    const journal = await scene.start();
    const large = aRecord({ modelAsked: 'x'.repeat(900_000) });
    for (let i = 0; i < 40; i++) journal.record(large);
    await rm(scene.root);
    await eventually(() => {
      expect(scene.events).toEqual(['failing', 'detail_dropped', 'recovered']);
    });
    const { records, sums } = await contentOf(journal);
    expect([records.length, total(sums)]).toEqual([32, 8]);
  });

  it('keeps only the sums of the oldest segments when it would outgrow its limit', async () => {
    const journal = await scene.start({ limitBytes: 100_000 });
    for (let i = 0; i < 20; i++) {
      recordAll(journal, someRecords(50));
      await journal.close();
    }
    await eventually(async () => {
      const { records, sums } = await contentOf(journal);
      expect(records.length + total(sums)).toBe(1_000);
      expect(records.length).toBeGreaterThan(0);
      expect(total(sums)).toBeGreaterThan(0);
      expect(await bytesBelow(scene.root)).toBeLessThan(100_000);
    });
    expect(scene.events).toContain('detail_dropped');
    const segments = await journal.list();
    expect(new Set(segments.map(({ seq }) => seq)).size).toBe(segments.length);
  });

  it('holds at its limit far more requests than it has room for, in few segments, while nobody closes them', async () => {
    const limitBytes = 16 * 1024 ** 2;
    const journal = await scene.start({ limitBytes });
    const records = someRecords(1_000, { path: 'x'.repeat(2_000) });
    for (let i = 0; i < 20; i++) {
      recordAll(journal, records);
      await sleep(10 * STEP_MS);
    }
    await eventually(async () => {
      const content = await contentOf(journal);
      expect(content.records.length + total(content.sums)).toBe(20_000);
    });
    expect(await bytesBelow(scene.root)).toBeLessThan(limitBytes);
    expect((await journal.list()).length).toBeLessThan(20);
  });

  it('goes on in memory at its limit, and writes again when segments are done', async () => {
    const journal = await scene.start({ limitBytes: 2_000 });
    for (let keyId = 0; keyId < 200; keyId++) journal.record(aRecord({ attempts: [anAttempt({ keyId })] }));
    await journal.close();
    expect(await bytesBelow(scene.root)).toBeLessThan(4_000);
    let seen = 0;
    await eventually(async () => {
      const { records, sums } = await contentOf(journal);
      for (const segment of await journal.list()) await journal.done(segment);
      seen += records.length + total(sums);
      expect(seen).toBe(200);
    });
    expect(scene.events.filter((event) => event !== 'detail_dropped')).toEqual(['failing', 'recovered']);
  });
});

async function bytesBelow(folder: string): Promise<number> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.seg'));
  const files = await Promise.all(names.map((name) => stat(join(folder, name))));
  return files.reduce((sum, { size }) => sum + size, 0);
}
