import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, type Repository } from 'typeorm';
import { KeyEvent } from '../key-event.entity';

/** Reads the events of keys, and deletes old ones. */
@Injectable()
export class KeyEventsRepository {
  constructor(@InjectRepository(KeyEvent) private readonly rows: Repository<KeyEvent>) {}

  /** The newest first. */
  async list(keyId: number, beforeId: number | undefined, limit: number): Promise<KeyEvent[]> {
    return this.rows.find({
      where: { keyId, ...(beforeId !== undefined && { id: LessThan(beforeId) }) },
      order: { id: 'DESC' },
      take: limit,
    });
  }

  /** Deletes the oldest of those that are older than this, `most` at once; how many there were. */
  async deleteOlderThan(ageMs: number, most: number): Promise<number> {
    const [, deleted] = await this.rows.query<[unknown[], number]>(
      `DELETE FROM key_events WHERE id = ANY(ARRAY(
         SELECT id FROM key_events WHERE at < now() - $1::float8 * interval '1 millisecond' ORDER BY at LIMIT $2
       ))`,
      [ageMs, most],
    );
    return deleted;
  }
}
