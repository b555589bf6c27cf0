import type { ChannelRoute } from '../../channels/channel-route';
import type { SessionAffinity } from './session-affinity';

/** The session that a request belongs to, among those of its token. */
export class RequestSession {
  constructor(
    private readonly affinity: SessionAffinity,
    private readonly tokenId: number,
    private readonly key: string,
  ) {}

  /** The id of the key that last served it in this channel; null when none did of late. */
  keyIn({ id }: ChannelRoute): number | null {
    return this.affinity.preferred(id, this.tokenId, this.key);
  }

  served({ id }: ChannelRoute, keyId: number): void {
    this.affinity.served(id, this.tokenId, this.key, keyId);
  }
}
