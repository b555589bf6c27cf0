import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { DataSource, type QueryRunner } from 'typeorm';
import { Turns } from '../../common/turns';

// Any fixed number will do: with a channel's id it names the lock that one probing process holds at a time.
const LOCK_SPACE = 7_310_222;

/** Settles which of several instances on one database probes a channel: whoever asks first, until it stops or stops asking. */
@Injectable()
export class ProbeLeases implements BeforeApplicationShutdown {
  protected readonly idleMs: number = 60_000;
  private readonly turns = new Turns<'connection'>();
  /** The connection whose session holds the locks: they end with it, whatever ends it. */
  private holder: QueryRunner | null = null;
  private idle: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(private readonly dataSource: DataSource) {}

  /** Whether this instance may probe the channel on schedule; false too while the database is away. */
  async hold(channelId: number): Promise<boolean> {
    return this.turns.take('connection', () => this.tryLock(channelId));
  }

  beforeApplicationShutdown(): void {
    this.isStopped = true;
    this.letGo();
  }

  private async tryLock(channelId: number): Promise<boolean> {
    if (this.isStopped) return false;
    clearTimeout(this.idle);
    try {
      // Asked each time, and granted each time to the session that has it: a lost connection cannot go unnoticed.
      const [row] = await this.connected().manager.query<[{ held: boolean }]>(
        'SELECT pg_try_advisory_lock($1::int, hashint8($2::bigint)) AS held',
        [LOCK_SPACE, channelId],
      );
      this.letGoWhenIdle();
      return row.held;
    } catch {
      this.letGo();
      return false;
    }
  }

  private connected(): QueryRunner {
    if (this.holder === null || this.holder.isReleased) this.holder = this.dataSource.createQueryRunner();
    return this.holder;
  }

  private letGoWhenIdle(): void {
    this.idle = setTimeout(() => {
      this.letGo();
    }, this.idleMs);
    this.idle.unref();
  }

  private letGo(): void {
    clearTimeout(this.idle);
    const { holder } = this;
    this.holder = null;
    if (holder !== null && !holder.isReleased) void end(holder);
  }
}

/** Ends the session and its locks with it; back in the pool it would keep them. Never rejects. */
async function end(holder: QueryRunner): Promise<void> {
  try {
    const connection = (await holder.connect()) as { end(): Promise<void> };
    const ended = connection.end();
    await holder.release();
    await ended;
  } catch {
    await holder.release().catch(() => undefined);
  }
}
