import { Logger } from '@nestjs/common';
import { describeError } from '../../common/describe-error';
import type { RelayCall } from '../relay-call';
import { REFUSALS } from './refusal';

const logger = new Logger('Relay');

/** Ends a request on an error of ours: the log says where, the client only that. */
export function endUnforeseen(call: RelayCall, error: unknown): void {
  logger.error(`Request ${call.requestId} failed: ${describeError(error)}`);
  if (call.response.headersSent) call.response.destroy();
  else call.refuse(REFUSALS.internal);
}
