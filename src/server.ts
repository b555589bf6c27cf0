import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { json, type RequestHandler } from 'express';
import { AppModule } from './app.module';
import { AdminCredentials } from './auth/admin-credentials';
import { bearerToken } from './common/bearer-token';
import { problemWithShape } from './common/json-shape';
import { ValidationFailedError } from './common/validation-failed.error';
import type { AppConfig } from './config/app-config';
import type { DatabaseConnection } from './database/database-connection';
import { EmbeddedPostgres } from './database/embedded/embedded-postgres';
import { HttpFront } from './http-front';
import { serveDocs } from './openapi/docs-page';
import { ProgramLogger } from './program-logger';
import { relayDoor } from './relay/relay-door';
import { RelayHandler } from './relay/relay-handler';
import { Readiness } from './system/readiness';

const logger = new Logger('Keymux');

/** Below /api: imports, and the calls that make or change a channel. */
const KEY_LIST_PATHS = /^\/channel(\/keys\/import|\/\d+)?\/?$/;
const KEY_LIST_BODY_LIMIT = '32mb';
const ADMIN_BODY_LIMIT = '1mb';
// Every body is JSON, whatever a plain `curl -d` says it is.
const ANY_TYPE = { type: () => true };

/** A running Keymux: database, admin API and relay on one port. */
export class KeymuxServer {
  private constructor(
    private readonly config: AppConfig,
    private readonly app: NestExpressApplication,
    private readonly http: HttpFront,
    private readonly embedded: EmbeddedPostgres | null,
  ) {}

  static async start(config: AppConfig): Promise<KeymuxServer> {
    const embedded = config.databaseUrl === null ? await EmbeddedPostgres.start(config.dataDir) : null;
    embedded?.onLost((reason) => {
      logger.error(`The embedded database is away: ${reason.message}`);
    });
    try {
      const connection = embedded ? embedded.connection : { url: config.databaseUrl ?? '' };
      const app = await createApp(config, connection);
      const http = new HttpFront(
        relayDoor(app.get(RelayHandler), app.getHttpAdapter().getInstance()),
        config.relayRequestTimeoutMs,
      );
      await http.listen(config.port, config.host).catch(async (error: unknown) => {
        await app.close();
        throw error;
      });
      app.get(Readiness).serve();
      return new KeymuxServer(config, app, http, embedded);
    } catch (error) {
      await embedded?.stop();
      throw error;
    }
  }

  get port(): number {
    return this.http.port;
  }

  /** Finishes the requests in flight, within `SHUTDOWN_TIMEOUT`, then lets go of everything in order. */
  async stop(): Promise<void> {
    this.app.get(Readiness).drain();
    await this.http.drain(this.config.shutdownTimeoutMs);
    try {
      await this.app.close();
    } finally {
      await this.embedded?.stop();
    }
  }
}

async function createApp(config: AppConfig, connection: DatabaseConnection): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(config, connection), {
    bodyParser: false,
    abortOnError: false,
    logger: new ProgramLogger(config),
  });
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(['/api', '/livez', '/readyz'], neverStored);
  app.use('/api', adminBodies(app.get(AdminCredentials)), fitBodies);
  serveDocs(app);
  try {
    return await app.init();
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** Reads the bodies of an admin's calls, large ones where key lists go; those of others are not worth the work. */
function adminBodies(credentials: AdminCredentials): RequestHandler {
  const body = json({ ...ANY_TYPE, limit: ADMIN_BODY_LIMIT });
  const keyList = json({ ...ANY_TYPE, limit: KEY_LIST_BODY_LIMIT });
  return (request, response, next) => {
    if (!credentials.isAdminToken(bearerToken(request.headers.authorization))) next();
    else if (KEY_LIST_PATHS.test(request.path)) keyList(request, response, next);
    else body(request, response, next);
  };
}

/** Keeps bodies from the framework that would exhaust or mislead it. */
const fitBodies: RequestHandler = (request, _response, next) => {
  const problem = problemWithShape(request.body);
  next(problem === null ? undefined : new ValidationFailedError([{ field: 'body', message: problem }]));
};

/** Answers about keys and tokens are nobody's to keep. */
const neverStored: RequestHandler = (_request, response, next) => {
  response.setHeader('cache-control', 'no-store');
  response.setHeader('x-content-type-options', 'nosniff');
  next();
};
