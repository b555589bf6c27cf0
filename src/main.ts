import 'reflect-metadata';
import { isatty } from 'node:tty';
import { ConsoleLogger, Logger } from '@nestjs/common';
import { describeError } from './common/describe-error';
import { ConfigError } from './config/config.error';
import { loadConfig } from './config/load-config';
import { ProgramLogger } from './program-logger';
import { KeymuxServer } from './server';
import { stopOnSignals } from './stop-on-signals';

Logger.overrideLogger(new ConsoleLogger({ colors: isatty(1) }));
const logger = new Logger('Keymux');

async function main(): Promise<void> {
  const { config, notices } = loadConfig(process.env);
  Logger.overrideLogger(new ProgramLogger(config));
  for (const notice of notices) logger.log(notice);
  const starting = KeymuxServer.start(config);
  stopOnSignals(starting);
  const server = await starting;
  logger.log(`Listening on port ${server.port}; the API is described at /docs`);
}

process.on('uncaughtException', (error) => {
  logger.error(`Stopping after an unforeseen error: ${describeError(error)}`);
  process.exit(1);
});

main().catch((error: unknown) => {
  logger.error(error instanceof Error ? error.message : 'Keymux could not start');
  process.exit(error instanceof ConfigError ? ConfigError.EXIT_CODE : 1);
});
