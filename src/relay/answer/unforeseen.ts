import type { ServerResponse } from 'node:http';
import { Logger } from '@nestjs/common';
import { describeError } from '../../common/describe-error';
import { refuse, REFUSALS } from './refusal';

const logger = new Logger('Relay');

/** Ends a request on an error of ours: the log says where, the client only that. */
export function endUnforeseen(response: ServerResponse, requestId: string, error: unknown): void {
  logger.error(`Request ${requestId} failed: ${describeError(error)}`);
  if (response.headersSent) response.destroy();
  else refuse(response, requestId, REFUSALS.internal);
}
