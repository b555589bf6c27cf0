import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';
import { AppConfig } from './config/app-config';
import { configurationPage } from './config/configuration-page';
import { apiDocument } from './openapi/api-document';

/** Writes what is generated from the program: openapi.json and docs/configuration.md. Needs no database. */
async function writeGenerated(folder: string): Promise<void> {
  const module = AppModule.with(new AppConfig(), { url: 'postgres://unused' });
  const app = await NestFactory.create(module, { preview: true, logger: false });
  writeFileSync(join(folder, 'openapi.json'), `${JSON.stringify(apiDocument(app), null, 2)}\n`);
  writeFileSync(join(folder, 'docs/configuration.md'), configurationPage());
  await app.close();
}

void writeGenerated(process.argv[2] ?? '.');
