import 'reflect-metadata';
import { resolve } from 'node:path';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from './src/database/data-source-options';
import type { DatabaseConnection } from './src/database/database-connection';

// For the TypeORM command line (`npm run typeorm -- migration:show`). Without DATABASE_URL it speaks to the embedded
// PostgreSQL of a running Keymux.
const { DATABASE_URL: url, DATA_DIR: dataDir = './data' } = process.env;
const connection: DatabaseConnection = url
  ? { url }
  : { host: resolve(dataDir, 'postgres-socket'), port: 5432, user: 'keymux', database: 'keymux', ssl: false };

export default new DataSource({ ...dataSourceOptions(connection, 2), entities: ['src/**/*.entity.ts'] });
