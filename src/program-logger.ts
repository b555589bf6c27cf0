import { isatty } from 'node:tty';
import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import type { AppConfig } from './config/app-config';

const LOG_LEVELS: readonly LogLevel[] = ['error', 'warn', 'log', 'debug'];

// Who tells, line by line, how the framework puts itself together: of use to its authors.
const CHATTY = ['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestFactory', 'NestApplication'];

/** The program's log, as LOG_LEVEL and LOG_FORMAT have it. */
export class ProgramLogger extends ConsoleLogger {
  constructor(config: AppConfig) {
    const most = LOG_LEVELS.indexOf(config.logLevel as LogLevel);
    super({
      json: config.logFormat === 'json',
      colors: isatty(1) && config.logFormat === 'text',
      logLevels: LOG_LEVELS.slice(0, most + 1),
    });
  }

  override log(message: unknown, ...rest: unknown[]): void {
    if (!CHATTY.includes(String(rest.at(-1)))) super.log(message, ...rest);
  }
}
