import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

// Loaded before the built program: what it relays then leaves no record, so that the price of records can be told.
const programRequire = createRequire(process.argv[1] ?? '');
programRequire('reflect-metadata');
const { FileJournal } = programRequire(join(dirname(process.argv[1] ?? ''), 'usage', 'journal', 'file-journal.js')) as {
  FileJournal: { prototype: { record: () => void } };
};
FileJournal.prototype.record = () => undefined;
