import { releaseServer } from './start-postgres';

// eslint-disable-next-line no-restricted-syntax -- Jest takes a global teardown from the default export only.
export default async function stopPostgres(): Promise<void> {
  await releaseServer();
}
