import { lstat, readFile, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { codeOf, EmbeddedPostgresError, messageOf } from './embedded-postgres.errors';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

interface LibraryLink {
  readonly source: string;
  readonly target: string;
}

/** The folder of the npm package that carries PostgreSQL for this machine. */
export function findPostgresPackage(platform: string = process.platform, arch: string = process.arch): string {
  try {
    // Resolved, never imported: the package is an ES module, and only its folder is of interest.
    return dirname(dirname(require.resolve(`@embedded-postgres/${platform}-${arch}`)));
  } catch {
    throw new EmbeddedPostgresError(`this platform (${platform}/${arch}) has no embedded PostgreSQL; set DATABASE_URL`);
  }
}

/** The programs of that package, once its shared libraries carry all their names. */
export async function preparePostgresBinaries(packageFolder: string): Promise<PostgresBinaries> {
  const links = await listLibraryLinks(packageFolder);
  await Promise.all(links.map((link) => ensureLink(packageFolder, link)));
  const bin = join(packageFolder, 'native', 'bin');
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
}

async function listLibraryLinks(packageFolder: string): Promise<LibraryLink[]> {
  try {
    return JSON.parse(await readFile(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8')) as LibraryLink[];
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw new EmbeddedPostgresError(`cannot read the list of libraries in ${packageFolder}: ${messageOf(error)}`);
  }
}

// npm packages cannot carry symbolic links; the package's install script makes them, and `--ignore-scripts` skips it.
async function ensureLink(packageFolder: string, link: LibraryLink): Promise<void> {
  const source = join(packageFolder, link.source);
  const target = join(packageFolder, link.target);
  try {
    await lstat(target);
  } catch {
    await makeLink(relative(dirname(target), source), target);
  }
}

async function makeLink(source: string, target: string): Promise<void> {
  try {
    await symlink(source, target);
  } catch (error) {
    // Another Keymux that starts at the same moment made it.
    if (codeOf(error) === 'EEXIST') return;
    throw new EmbeddedPostgresError(
      `the library link ${target} is missing and cannot be made (${messageOf(error)}); ` +
        'run npm ci without --ignore-scripts, make node_modules writable for one start, or set DATABASE_URL',
    );
  }
}
