import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, QueryFailedError } from 'typeorm';
import { Turns } from '../common/turns';

/** The handle of a running transaction; repositories take it as their first argument. */
export type Transaction = EntityManager;

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
const MOST_ATTEMPTS = 5;

/** Runs work as one transaction, all or nothing, and again when PostgreSQL broke it up to end a deadlock. */
@Injectable()
export class Transactions {
  private readonly turns = new Turns<string>();

  constructor(private readonly dataSource: DataSource) {}

  /**
   * The same, of one name one at a time. Those who wait for a row that another of us holds would wait with a connection
   * in hand, and so keep everybody else from the database.
   */
  async runInTurn<T>(name: string, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.turns.take(name, () => this.run(work));
  }

  async run<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.dataSource.transaction(work);
      } catch (error) {
        if (attempt === MOST_ATTEMPTS || !isTransient(error)) throw error;
      }
    }
  }
}

function isTransient(error: unknown): boolean {
  if (!(error instanceof QueryFailedError)) return false;
  const { code } = error.driverError as { code?: string };
  return code === SERIALIZATION_FAILURE || code === DEADLOCK_DETECTED;
}
