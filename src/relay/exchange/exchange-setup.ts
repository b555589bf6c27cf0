import type { Clock } from '../../common/clock';
import type { AttemptRecord, EndReason } from '../../usage/request-record';
import type { StreamLimits } from '../stream/stream-watch';
import type { AnswerLessons } from './answer-lessons';
import type { ClientAnswer } from './client-answer';
import type { ExchangeServices } from './exchange-services';
import type { RelayRequest } from './relay-request';

/** The attempts and the end of one relayed request. */
export interface ExchangeOutcome {
  readonly request: RelayRequest;
  /** HTTP status of our answer, whether it went out or not. */
  readonly status: number;
  readonly endReason: EndReason;
  /** Null when no upstream's answer became the client's. */
  readonly answer: Pick<ClientAnswer, 'usage' | 'payloadEvents' | 'passedBytes' | 'firstByteAtMs'> | null;
  /** As the last upstream was asked for it; empty for none. */
  readonly modelSent: string;
  readonly attempts: readonly AttemptRecord[];
}

/** How every exchange of this process goes about it. */
export interface ExchangeSetup {
  readonly services: ExchangeServices;
  readonly lessons: AnswerLessons;
  readonly clock: Clock;
  readonly exposesRoute: boolean;
  /** From the first attempt to the end of the answer. */
  readonly totalTimeoutMs: number;
  readonly limits: StreamLimits;
  /** Told once, before the last byte of the answer goes out. */
  readonly onOver: (outcome: ExchangeOutcome) => void;
}
