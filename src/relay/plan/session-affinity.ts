import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../../common/clock';

const MOST_SESSIONS = 100_000;
const KEPT_FOR_MS = 3_600_000;

/**
 * Remembers, in this process only, which key of a channel served a session last: for an hour, and of the latest 100,000
 * sessions. Sessions of different tokens have nothing to do with each other, whatever they are called.
 */
@Injectable()
export class SessionAffinity {
  private readonly keyIds: LRUCache<string, number>;

  constructor(clock: Clock) {
    const perf = { now: () => clock.nowMs() };
    this.keyIds = new LRUCache({ max: MOST_SESSIONS, ttl: KEPT_FOR_MS, ttlResolution: 0, perf });
  }

  /** The id of the key whose caches know this session; null when none is known. */
  preferred(channelId: number, tokenId: number, session: string): number | null {
    return this.keyIds.get(nameOf(channelId, tokenId, session)) ?? null;
  }

  served(channelId: number, tokenId: number, session: string, keyId: number): void {
    this.keyIds.set(nameOf(channelId, tokenId, session), keyId);
  }
}

/** Callers name sessions at any length: what is kept of a name is always as short. */
function nameOf(channelId: number, tokenId: number, session: string): string {
  return hash('sha256', `${channelId}:${tokenId}:${session}`, 'base64url');
}
