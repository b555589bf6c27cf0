import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgres } from '../../src/database/embedded/embedded-postgres';

export const CONNECTION_VARIABLE = 'KEYMUX_TEST_POSTGRES';

interface TestServer {
  readonly embedded: EmbeddedPostgres;
  readonly folder: string;
}

interface Holder {
  users: number;
  server: Promise<TestServer> | null;
}

const HOLDER = Symbol.for('keymux test postgres');

// Jest may load this file more than once in one process, so the count cannot live in the module.
function holder(): Holder {
  const home = globalThis as Record<symbol, unknown>;
  home[HOLDER] ??= { users: 0, server: null } satisfies Holder;
  return home[HOLDER] as Holder;
}

async function startServer(): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'keymux-test-'));
  // Under root the server is another user, who must be able to pass.
  await chmod(folder, 0o711);
  return { embedded: await EmbeddedPostgres.start(join(folder, 'data')), folder };
}

export async function releaseServer(): Promise<void> {
  const held = holder();
  held.users -= 1;
  if (held.users > 0 || held.server === null) return;
  const { embedded, folder } = await held.server;
  held.server = null;
  await embedded.stop();
  await rm(folder, { recursive: true, force: true });
}

/** One server for a whole run of Jest, however many projects ask for it. */
// eslint-disable-next-line no-restricted-syntax -- Jest takes a global setup from the default export only.
export default async function startPostgres(): Promise<void> {
  const held = holder();
  held.users += 1;
  held.server ??= startServer();
  const { embedded } = await held.server;
  process.env[CONNECTION_VARIABLE] = JSON.stringify(embedded.connection);
}
