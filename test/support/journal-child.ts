import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SystemClock } from '../../src/common/clock';
import { FileJournal } from '../../src/usage/journal/file-journal';
import { JournalNews } from '../../src/usage/journal/journal-news';
import { journalConfig } from './journal-scene';
import { aRecord } from './request-records';

const STEP_MS = 20;
const RECORDS_A_TURN = 10;
const STEPS_TO_SETTLE = 100;

/**
 * A process of its own with a journal in `dataDir`: writes the id of each record into `dataDir/name` once it is recorded, and
 * stops in order after `count` of them.
 */
async function main(dataDir: string, name: string, count: number): Promise<void> {
  const journal = new FileJournal(journalConfig(dataDir, STEP_MS, Infinity), new SystemClock(), new JournalNews());
  await journal.onModuleInit();
  journal.onApplicationBootstrap();
  const said = openSync(join(dataDir, name), 'a');
  for (let i = 0; i < count; i++) {
    const requestId = `${name}-${i}`;
    journal.record(aRecord({ requestId }));
    writeSync(said, `${requestId}\n`);
    if (i % RECORDS_A_TURN === 0) await sleep(1);
  }
  for (let step = 0; step < STEPS_TO_SETTLE; step++) await sleep(STEP_MS);
  await journal.onApplicationShutdown();
}

const [, , dataDir = '', name = '', count = 'Infinity'] = process.argv;
void main(dataDir, name, Number(count));
