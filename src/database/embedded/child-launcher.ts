import { execFile, spawn } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { promisify } from 'node:util';
import type { DataLayout } from './data-layout';
import { EmbeddedPostgresError, messageOf } from './embedded-postgres.errors';
import type { PostgresBinaries } from './postgres-binaries';
import { findClosedFolder, findClosedProgram } from './reachability';
import type { Account } from './unprivileged-user';

// Written out, never copied from our own environment: that one may hold secrets. C keeps the messages English.
const CHILD_ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C',
  LC_ALL: 'C',
};
// The smaller one first; containers often lack it and keep the larger one.
const CAPABILITIES = ['dac_read_search', 'dac_override'] as const;

/** Starts PostgreSQL's programs with an environment of their own and never as root. */
export class ChildLauncher {
  private constructor(
    readonly account: Account | null,
    private readonly wrapper: readonly string[],
  ) {}

  static async create(account: Account | null, layout: DataLayout, binaries: PostgresBinaries): Promise<ChildLauncher> {
    if (account === null) return new ChildLauncher(null, []);
    const closed =
      (await findClosedFolder(account, layout.dataDir)) ?? (await findClosedProgram(account, binaries.postgres));
    if (closed === null) return new ChildLauncher(account, []);
    return new ChildLauncher(account, await findWorkingWrapper(account, binaries, closed));
  }

  /** A detached child has a session of its own, so that Ctrl-C in the terminal does not reach it. */
  launch(program: string, args: readonly string[], stdio: StdioOptions, detached: boolean): ChildProcess {
    const [command, ...rest] = [...this.wrapper, program, ...args];
    const { account } = this;
    const identity = account === null || this.wrapper.length > 0 ? {} : { uid: account.uid, gid: account.gid };
    return spawn(command ?? program, rest, {
      ...identity,
      cwd: '/',
      env: CHILD_ENVIRONMENT,
      stdio,
      detached,
    });
  }
}

async function findWorkingWrapper(account: Account, binaries: PostgresBinaries, closed: string): Promise<string[]> {
  let reason = '';
  for (const capability of CAPABILITIES) {
    const [setpriv, ...args] = wrapperFor(account, capability);
    try {
      // Through a shell: setpriv itself still has every right when it starts a program, the program's children do not.
      const probe = [...args, '/bin/sh', '-c', '"$0" --version', binaries.initdb];
      await promisify(execFile)(setpriv, probe, { cwd: '/', env: CHILD_ENVIRONMENT });
      return [setpriv, ...args];
    } catch (error) {
      reason = messageOf(error).trim().split('\n').at(-1) ?? '';
    }
  }
  throw new EmbeddedPostgresError(
    `PostgreSQL refuses to run as root and would run as ${account.name ?? 'a user'} (uid ${account.uid}), ` +
      `who cannot pass ${closed}, and setpriv cannot open the way (${reason}); use a DATA_DIR and a checkout ` +
      'that this user can reach, run Keymux as a normal user, or set DATABASE_URL',
  );
}

function wrapperFor(account: Account, capability: string): [string, ...string[]] {
  return [
    'setpriv',
    `--reuid=${account.uid}`,
    `--regid=${account.gid}`,
    '--clear-groups',
    '--no-new-privs',
    // Without it access(2), with which PostgreSQL looks for its own programs, ignores the capability.
    '--securebits=+no_setuid_fixup',
    `--inh-caps=-all,+${capability}`,
    `--ambient-caps=-all,+${capability}`,
  ];
}
