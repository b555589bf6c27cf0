import type { RequestRecord } from './request-record';

/** Keeps the record of every request that reached an upstream. */
export abstract class RequestJournal {
  /** Takes one record, called once a request before its last byte goes out; synchronous, never throws, never waits. */
  abstract record(record: RequestRecord): void;
}
