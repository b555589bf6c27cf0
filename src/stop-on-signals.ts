import { Logger } from '@nestjs/common';
import { describeError } from './common/describe-error';
import type { KeymuxServer } from './server';

const logger = new Logger('Keymux');

/** SIGTERM and SIGINT stop the program in order, also while it starts; the second one stops it at once. */
export function stopOnSignals(starting: Promise<KeymuxServer>): void {
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    logger.log('Stopping; a second signal stops at once');
    starting
      .then((server) => server.stop())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          logger.error(`Stopping failed: ${describeError(error)}`);
          process.exit(1);
        },
      );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
