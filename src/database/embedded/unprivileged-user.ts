import { readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { EmbeddedPostgresError } from './embedded-postgres.errors';

/** A user of this machine; one that has no entry in the list of users has no name. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
  readonly name: string | null;
}

/** The user who must run PostgreSQL instead of root, or null when this process is not root and runs it itself. */
export async function chooseServerAccount(cluster: string): Promise<Account | null> {
  const uid = process.getuid?.() ?? -1;
  const owner = await findOwner(cluster);
  if (uid !== 0) {
    if (owner !== null && owner.uid !== uid) {
      throw new EmbeddedPostgresError(
        `${cluster} belongs to uid ${owner.uid}, not to uid ${uid}; run Keymux as that user or use another DATA_DIR`,
      );
    }
    return null;
  }
  const accounts = await listAccounts();
  if (owner === null) return chooseSystemAccount(accounts);
  if (owner.uid === 0) {
    throw new EmbeddedPostgresError(
      `${cluster} belongs to root, and PostgreSQL refuses to run as root; give it to another user (chown -R)`,
    );
  }
  return { ...owner, name: accounts.find((account) => account.uid === owner.uid)?.name ?? null };
}

/** The name of the user who runs this process, or null where the system knows none for it (containers). */
export function findOwnName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

async function findOwner(cluster: string): Promise<{ uid: number; gid: number } | null> {
  try {
    const { uid, gid } = await stat(cluster);
    return { uid, gid };
  } catch {
    return null;
  }
}

async function listAccounts(): Promise<Account[]> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n');
  return lines.flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name === undefined || uid === undefined || gid === undefined
      ? []
      : [{ name, uid: Number(uid), gid: Number(gid) }];
  });
}

function chooseSystemAccount(accounts: readonly Account[]): Account {
  for (const name of ['postgres', 'nobody']) {
    const account = accounts.find((candidate) => candidate.name === name && candidate.uid > 0);
    if (account !== undefined) return account;
  }
  throw new EmbeddedPostgresError(
    'PostgreSQL refuses to run as root, and this machine has neither a user postgres nor a user nobody; ' +
      'run Keymux as a normal user or set DATABASE_URL',
  );
}
