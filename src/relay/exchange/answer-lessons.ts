import { Injectable } from '@nestjs/common';
import type { AttemptFacts } from '../../health/attempt-facts';
import { ObjectOwners } from '../../objects/object-owners';
import { IdFinder } from './id-finder';
import type { RelayRequest } from './relay-request';
import type { AnswerHead } from '../answer/answer-head';

/** Remembers what later requests need to know of good answers: which key has a session's cache, and which an object. */
@Injectable()
export class AnswerLessons {
  constructor(private readonly owners: ObjectOwners) {}

  served({ session, route, objectId }: RelayRequest, { channel, key }: AttemptFacts): void {
    if (channel.affinity) session?.served(channel, key.keyId);
    if (route.deletes && objectId !== null) this.owners.forget(route.dialect, objectId);
  }

  /** Whoever looks for the id of what this answer creates; null when it creates nothing. */
  finderFor(request: RelayRequest, attempt: AttemptFacts, { isEventStream, isEncoded }: AnswerHead): IdFinder | null {
    if (!request.route.creates || isEncoded) return null;
    return new IdFinder(isEventStream, (id) => {
      this.created(request, attempt, id);
    });
  }

  private created({ route, token }: RelayRequest, { channel, key }: AttemptFacts, id: string): void {
    this.owners.remember({ dialect: route.dialect, id, tokenId: token.id, channelId: channel.id, keyId: key.keyId });
  }
}
