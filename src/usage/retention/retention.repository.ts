import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { RequestLog } from '../request-log.entity';

/** Deletes what is old, some rows a statement; what another instance is deleting, it leaves to that one. */
@Injectable()
export class RetentionRepository {
  constructor(@InjectRepository(RequestLog) private readonly rows: Repository<RequestLog>) {}

  /** The oldest rows of the log that are older than this, `most` at once; how many there were. So do the next two. */
  async deleteLogs(ageMs: number, most: number): Promise<number> {
    return this.delete(
      `DELETE FROM request_logs WHERE ctid = ANY(ARRAY(
         SELECT ctid FROM request_logs WHERE created_at < now() - $1::float8 * interval '1 millisecond'
         ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED
       ))`,
      [ageMs, most],
    );
  }

  async deleteHours(ageMs: number, most: number): Promise<number> {
    return this.delete(
      `DELETE FROM usage_hourly WHERE ctid = ANY(ARRAY(
         SELECT ctid FROM usage_hourly WHERE hour < now() - $1::float8 * interval '1 millisecond'
         ORDER BY hour LIMIT $2 FOR UPDATE SKIP LOCKED
       ))`,
      [ageMs, most],
    );
  }

  /** But for the newest of each instance: a machine that was off for long may still bring that one again. */
  async deleteBatches(ageMs: number, most: number): Promise<number> {
    return this.delete(
      `DELETE FROM usage_batches WHERE ctid = ANY(ARRAY(
         SELECT ctid FROM usage_batches AS old WHERE created_at < now() - $1::float8 * interval '1 millisecond'
           AND EXISTS (SELECT FROM usage_batches AS newer WHERE newer.instance = old.instance AND newer.seq > old.seq)
         ORDER BY created_at LIMIT $2 FOR UPDATE OF old SKIP LOCKED
       ))`,
      [ageMs, most],
    );
  }

  private async delete(statement: string, parameters: [ageMs: number, most: number]): Promise<number> {
    const [, deleted] = await this.rows.query<[unknown[], number]>(statement, parameters);
    return deleted;
  }
}
