import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Abstract, INestApplicationContext, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../../src/app.module';
import { loadConfig } from '../../src/config/load-config';
import type { AppUnderTest } from './app-under-test';

/** A second instance of the program on the database of another one, without a port: for what a test calls directly. */
export class HealthContext {
  private constructor(
    private readonly context: INestApplicationContext,
    private readonly dataDir: string,
  ) {}

  static async beside(app: AppUnderTest): Promise<HealthContext> {
    const dataDir = await mkdtemp(join(tmpdir(), 'keymux-context-'));
    const { config } = loadConfig({
      DATA_DIR: dataDir,
      DATABASE_URL: app.databaseUrl,
      ADMIN_TOKEN: app.adminToken,
      ENCRYPTION_KEY: (await readFile(join(app.dataDir, 'encryption-key'), 'utf8')).trim(),
      UPSTREAM_ALLOW: '127.0.0.1',
      LOG_LEVEL: 'error',
    });
    const module = AppModule.with(config, { url: app.databaseUrl });
    const context = await NestFactory.createApplicationContext(module, { abortOnError: false, logger: ['error'] });
    return new HealthContext(context, dataDir);
  }

  get<T>(provider: Type<T> | Abstract<T>): T {
    return this.context.get<T>(provider);
  }

  async stop(): Promise<void> {
    await this.context.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
