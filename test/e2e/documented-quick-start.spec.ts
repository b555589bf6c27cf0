import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { AppUnderTest } from '../support/app-under-test';
import { FakeUpstream } from '../support/fake-upstream';

const ROOT = resolve(__dirname, '../..');
const MARKER = '@@ block';

interface CodeBlock {
  readonly language: string;
  readonly code: string;
}

interface ProgramRun {
  readonly code: number | null;
  readonly output: string;
  readonly complaints: string;
}

const FIVE_KEYS = [
  'sk-1234567890abcdef1234567890abcdef',
  'sk-abcdef1234567890abcdef1234567890',
  'sk-9876543210fedcba9876543210fedcba',
  'sk-fedcba0987654321fedcba0987654321',
  'sk-1111222233334444555566667777888',
];

describe.each(['docs/quick-start.md', 'docs/quick-start.zh-CN.md'])('%s', (page) => {
  const blocks = codeBlocks(readPage(page));
  let app: AppUnderTest;
  let upstream: FakeUpstream;
  let run: ProgramRun;

  beforeAll(async () => {
    [app, upstream] = await Promise.all([AppUnderTest.start(), FakeUpstream.start()]);
    run = await runBlocks(blocks, app, upstream);
  });

  afterAll(async () => {
    await app.stop();
    await upstream.stop();
  });

  it('works as written, from the first block to the last', () => {
    expect(run).toMatchObject({ code: 0, complaints: '' });
  });

  it('sends each request with the key that the text names', () => {
    const indices = upstream.keysUsed().map((key) => FIVE_KEYS.indexOf(key));
    expect(indices).toEqual([0, 1, 2, 3, 4, 0, 1, 3]);
    expect(upstream.ledger.every(({ status }) => status === 200)).toBe(true);
  });

  it('leaves the keys as the text says', async () => {
    const keys = await app.admin.listKeys(1);
    expect(keys.map(({ index, status, usage }) => [index, status, usage])).toEqual([
      [1, 1, 2],
      [2, 1, 1],
      [3, 1, 2],
      [4, 1, 1],
      [5, 2, 0],
      [6, 1, 0],
      [7, 1, 0],
    ]);
  });

  it('shows answers in the shape of the real ones', () => {
    const answers = lastJsonByBlock(run.output);
    const examples = examplesByBlock(blocks);
    expect(examples.size).toBeGreaterThanOrEqual(9);
    for (const [block, example] of examples)
      expect({ block, shape: shapeOf(answers.get(block)) }).toEqual({ block, shape: shapeOf(example) });
  });

  it('has a monitoring script that runs', async () => {
    const script = blocks.find(({ language }) => language === 'python');
    const variables = { KEYMUX: app.baseUrl, ADMIN_TOKEN: app.adminToken };
    const good = await runProgram('python3', ['-', '1'], script?.code ?? '', variables);
    expect(good).toMatchObject({ code: 0, complaints: '' });
    expect(good.output).toMatch(/6.*7|7.*6/);
    const bad = await runProgram('python3', ['-', '1', '99'], script?.code ?? '', variables);
    expect(bad.code).toBe(1);
    expect(bad.complaints).toContain('404');
  });
});

describe.each(['README.md', 'README.zh-CN.md'])('%s', (page) => {
  let app: AppUnderTest;
  let upstream: FakeUpstream;

  beforeAll(async () => {
    [app, upstream] = await Promise.all([AppUnderTest.start(), FakeUpstream.start()]);
  });

  afterAll(async () => {
    await app.stop();
    await upstream.stop();
  });

  it('has a quick start that works as written', async () => {
    const run = await runBlocks(codeBlocks(readPage(page)), app, upstream);
    expect(run).toMatchObject({ code: 0, complaints: '' });
    const [first, second, third] = [
      'sk-your-first-key-000000000001',
      'sk-your-second-key-00000000002',
      'sk-your-third-key-000000000003',
    ];
    expect(upstream.keysUsed()).toEqual([first, second, third, first, third]);
  });
});

describe('the links between the pages', () => {
  it.each(pages())('all resolve in %s', (page) => {
    const links = [...readPage(page).matchAll(/\]\((?!https?:|mailto:|#)([^)\s#]+)[^)]*\)/g)].map(
      ([, link]) => link ?? '',
    );
    const broken = links.filter((link) => !existsSync(join(ROOT, dirname(page), link)));
    expect(broken).toEqual([]);
  });
});

function pages(): string[] {
  const below = (folder: string): string[] =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name));
  return [...below('.'), ...below('docs'), ...below('docs/adr')];
}

function readPage(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

function codeBlocks(page: string): CodeBlock[] {
  return [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', code = '']) => ({ language, code }));
}

/** Runs every bash block in one shell, as a reader does who pastes one after the other. */
function runBlocks(blocks: readonly CodeBlock[], app: AppUnderTest, upstream: FakeUpstream): Promise<ProgramRun> {
  const script = blocks.map(({ language, code }, block) =>
    language === 'bash' ? `printf '\\n${MARKER} %s\\n' ${block}\n${code}` : '',
  );
  return runProgram('bash', ['-c', `set -euo pipefail\n${script.join('\n')}`], '', {
    KEYMUX: app.baseUrl,
    UPSTREAM: upstream.baseUrl,
    ADMIN_TOKEN: app.adminToken,
  });
}

async function runProgram(
  program: string,
  args: readonly string[],
  input: string,
  variables: Readonly<Record<string, string>>,
): Promise<ProgramRun> {
  const child = spawn(program, args, { cwd: ROOT, env: { ...process.env, ...variables } });
  child.stdin.end(input);
  const closed = new Promise<number | null>((done, failed) => {
    child.on('error', failed);
    child.on('close', done);
  });
  const [output, complaints, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { code, output, complaints };
}

/** The last JSON answer that each block printed, by the block's place. */
function lastJsonByBlock(output: string): Map<number, unknown> {
  const answers = new Map<number, unknown>();
  for (const part of output.split(`\n${MARKER} `).slice(1)) {
    const last = part.slice(part.lastIndexOf('{"success"')).trim();
    if (last.startsWith('{')) answers.set(Number.parseInt(part, 10), JSON.parse(last));
  }
  return answers;
}

/** The example answers of a page, by the place of the bash block that they follow. */
function examplesByBlock(blocks: readonly CodeBlock[]): Map<number, unknown> {
  const examples = new Map<number, unknown>();
  for (const [i, { language, code }] of blocks.entries()) {
    const block = blocks.findLastIndex((other, at) => at < i && other.language === 'bash');
    if (language === 'json') examples.set(block, JSON.parse(code));
  }
  return examples;
}

/** What two answers to the same call have in common: field names and types; a list is as its first element. */
function shapeOf(value: unknown): unknown {
  if (value === null || value === undefined) return value;
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (typeof value !== 'object') return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, shapeOf(field)]));
}
