import { Logger } from '@nestjs/common';
import type { ObjectOwner, OwnedObject } from './object-owner';
import { ObjectOwners } from './object-owners';
import type { UpstreamObjectsRepository } from './upstream-objects.repository';

const LIMIT = 100_000;
const TURN_MS = 200;

const owner: ObjectOwner = { tokenId: 1, channelId: 2, keyId: 3 };

function anObject(id: string, fields: Partial<OwnedObject> = {}): OwnedObject {
  return { dialect: 'openai', id, ...owner, ...fields };
}

/** Rows that can be out of reach, and statements that can be held back. */
class Rows {
  readonly owners = new Map<string, ObjectOwner>();
  readonly statements: number[] = [];
  isAway = false;
  held: Promise<void> = Promise.resolve();

  async find(digest: string): Promise<ObjectOwner | null> {
    const found = this.owners.get(digest) ?? null;
    await this.arrive();
    return found;
  }

  async store(owners: ReadonlyMap<string, ObjectOwner>): Promise<void> {
    this.statements.push(owners.size);
    await this.arrive();
    for (const [digest, one] of owners) this.owners.set(digest, one);
  }

  async delete(digests: readonly string[]): Promise<void> {
    await this.arrive();
    for (const digest of digests) this.owners.delete(digest);
  }

  private async arrive(): Promise<void> {
    await this.held;
    if (this.isAway) throw new Error('away');
  }
}

describe(ObjectOwners, () => {
  let rows: Rows;
  let owners: ObjectOwners;
  let warn: jest.SpiedFunction<Logger['log']>;
  let error: jest.SpiedFunction<Logger['log']>;

  function anInstance(): ObjectOwners {
    return new ObjectOwners(rows as Partial<UpstreamObjectsRepository> as UpstreamObjectsRepository);
  }

  const turn = (): Promise<void> => jest.advanceTimersByTimeAsync(TURN_MS);

  beforeEach(() => {
    jest.useFakeTimers();
    warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    error = jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    rows = new Rows();
    owners = anInstance();
    owners.onApplicationBootstrap();
  });

  afterEach(async () => {
    await owners.beforeApplicationShutdown();
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  it('knows at once, and without a row, what this process created', () => {
    owners.remember(anObject('resp_1'));
    expect(owners.find('openai', 'resp_1')).toEqual(owner);
    expect(rows.statements).toEqual([]);
  });

  it('keeps the dialects apart', async () => {
    owners.remember(anObject('a'));
    expect(await owners.find('anthropic', 'a')).toBeNull();
  });

  it('stores what came together in one statement, and nothing twice', async () => {
    for (const id of ['a', 'b', 'a', 'c', 'a']) owners.remember(anObject(id));
    await turn();
    owners.remember(anObject('a'));
    await turn();
    expect(rows.statements).toEqual([3]);
  });

  it('lets an object move to another key, but not to another token', () => {
    owners.remember(anObject('a'));
    owners.remember(anObject('a', { keyId: 4 }));
    owners.remember(anObject('a', { tokenId: 9, keyId: 5 }));
    expect(owners.find('openai', 'a')).toEqual({ ...owner, keyId: 4 });
  });

  it('reads a row that it does not know, once', async () => {
    const other = anInstance();
    other.remember(anObject('a'));
    await other.beforeApplicationShutdown();
    expect(await owners.find('openai', 'a')).toEqual(owner);
    expect(owners.find('openai', 'a')).toEqual(owner);
  });

  it('asks again for what it did not find', async () => {
    expect(await owners.find('openai', 'a')).toBeNull();
    const other = anInstance();
    other.remember(anObject('a'));
    await other.beforeApplicationShutdown();
    expect(await owners.find('openai', 'a')).toEqual(owner);
  });

  it('forgets a deleted object at once, and its row a moment later', async () => {
    owners.remember(anObject('a'));
    await turn();
    owners.forget('openai', 'a');
    expect(owners.find('openai', 'a')).toBeNull();
    expect(rows.owners.size).toBe(1);
    await turn();
    expect(rows.owners.size).toBe(0);
  });

  it('does not bring back what was deleted while it was being stored or read', async () => {
    owners.remember(anObject('a'));
    let release = (): void => undefined;
    rows.held = new Promise((resolve) => (release = resolve));
    await turn();
    const other = anInstance();
    const reading = other.find('openai', 'a');
    for (const instance of [owners, other]) instance.forget('openai', 'a');
    release();
    expect(await reading).toBeNull();
    await turn();
    await turn();
    expect([owners.find('openai', 'a'), other.find('openai', 'a'), rows.owners.size]).toEqual([null, null, 0]);
  });

  it('keeps what could not be stored, the latest word on each', async () => {
    rows.isAway = true;
    owners.remember(anObject('a'));
    owners.remember(anObject('b'));
    await turn();
    owners.remember(anObject('a', { keyId: 8 }));
    await turn();
    expect(owners.find('openai', 'b')).toEqual(owner);
    await expect(owners.find('openai', 'unknown')).rejects.toThrow();
    rows.isAway = false;
    await turn();
    expect([...rows.owners.values()].map(({ keyId }) => keyId).sort()).toEqual([3, 8]);
  });

  it('lets no more than a bounded number wait, and stores them some at a time', async () => {
    rows.isAway = true;
    for (let i = 0; i < LIMIT + 10; i++) owners.remember(anObject(String(i)));
    rows.isAway = false;
    await turn();
    expect(rows.owners.size).toBe(LIMIT);
    expect(Math.max(...rows.statements)).toBeLessThanOrEqual(5_000);
  });

  it('stores what is left when the program stops', async () => {
    owners.remember(anObject('a'));
    await owners.beforeApplicationShutdown();
    expect(rows.owners.size).toBe(1);
  });

  it('names no object in what it logs', async () => {
    rows.isAway = true;
    owners.remember(anObject('resp_secret'));
    await turn();
    await owners.beforeApplicationShutdown();
    const lines: unknown[][] = [...warn.mock.calls, ...error.mock.calls];
    expect(lines).toHaveLength(2);
    expect(lines.join()).not.toContain('resp_');
  });
});
