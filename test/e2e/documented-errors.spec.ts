import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');
const ADMIN_CODE = /^[A-Z_]+$/;

/** How the sources name a code and its status; each pattern has the groups `code` and `status`. */
const PATTERNS = {
  errorClass: /readonly code = '(?<code>[A-Z_]+)';\s+readonly status = (?<status>\d{3});/g,
  filterTable: /^ {2}(?<status>\d{3}): '(?<code>[A-Z_]+)',$/gm,
  literal: /status: (?<status>\d{3}),\s+(?:type: \S+,\s+)?code: '(?<code>\w+)'/g,
  refusal: /\(\s*(?<status>\d{3}),\s+'(?<code>[a-z_]+)'/g,
};

describe('docs/errors.md', () => {
  const page = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');
  const documented = [...page.matchAll(/^\| `(\w+)` *\| (\d{3}) *\|/gm)].map(
    ([, code = '', status = '']) => `${status} ${code}`,
  );

  it('lists every code of the admin API with its status, and no other', () => {
    const errors = sourceFiles('src').filter((file) => readSource(file).includes('extends AppError'));
    const known = [
      ...errors.flatMap((file) => codesIn(file, PATTERNS.errorClass)),
      ...codesIn('src/common/error.filter.ts', PATTERNS.filterTable),
      ...codesIn('src/common/error.filter.ts', PATTERNS.literal),
    ];
    expect(documented.filter(isAdmin).sort()).toEqual(unique(known));
  });

  it('lists every code of the relay with its status, and no other', () => {
    const known = [
      ...codesIn('src/relay/answer/refusal.ts', PATTERNS.refusal),
      ...codesIn('src/relay/answer/refusal.ts', PATTERNS.literal),
    ];
    expect(documented.filter((entry) => !isAdmin(entry)).sort()).toEqual(unique(known));
  });

  it('knows every way in which the sources name a code', () => {
    const errors = sourceFiles('src').filter((file) => readSource(file).includes('extends AppError'));
    for (const file of errors) {
      const classes = readSource(file).match(/extends AppError/g)?.length;
      expect({ file, codes: codesIn(file, PATTERNS.errorClass).length }).toEqual({ file, codes: classes });
    }
    const outside = sourceFiles('src/relay').filter(
      (file) => file !== 'src/relay/answer/refusal.ts' && /\bcode: '/.test(readSource(file)),
    );
    expect(outside).toEqual([]);
  });
});

function sourceFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
    .map((name) => `${folder}/${name}`);
}

function readSource(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

function codesIn(file: string, pattern: RegExp): string[] {
  return [...readSource(file).matchAll(pattern)].map(
    ({ groups }) => `${groups?.['status'] ?? ''} ${groups?.['code'] ?? ''}`,
  );
}

function isAdmin(entry: string): boolean {
  return ADMIN_CODE.test(entry.slice(4));
}

function unique(entries: readonly string[]): string[] {
  return [...new Set(entries)].sort();
}
