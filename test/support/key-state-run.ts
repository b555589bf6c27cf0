import { ChannelDirectory } from '../../src/channels/channel-directory';
import type { ChannelRoute } from '../../src/channels/channel-route';
import { ChannelsService } from '../../src/channels/channels.service';
import { KeyHealth } from '../../src/health/key-health';
import { ProbeSettlement } from '../../src/health/probe/probe-settlement';
import { IMPORT_MODES, KeyImporter } from '../../src/keys/key-importer';
import { KeySwitch } from '../../src/keys/key-switch';
import { KeyTransitions } from '../../src/keys/key-transitions';
import { KeySelector } from '../../src/selector/key-selector';
import { PoolRegistry } from '../../src/selector/pool-registry';
import { KeyStateCheck } from './key-state-check';
import type { History, KeyCommand, Round } from './key-state-commands';
import { probeFinding, upstreamWord, verdictOf } from './key-state-facts';
import type { ExpectedEvent } from './key-state-model';
import type { KeyStateScene } from './key-state-scene';
import { TrackedKey } from './key-state-tracked';
import { someKeys } from './keys';

type CommandOf<Name extends KeyCommand['do']> = Extract<KeyCommand, { do: Name }>;

const QUIET: Round = { isHeard: true, then: 'nothing' };
const SETTLED: Round = { isHeard: true, then: 'flush' };
const WAIT_MS = 30_000;

/** Lets one history happen to real keys and to their models, and compares the two after every round. */
export class KeyStateRun {
  private imports = 0;
  private round = 0;

  private constructor(
    private readonly scene: KeyStateScene,
    private readonly history: History,
    private readonly keys: readonly TrackedKey[],
    private readonly check: KeyStateCheck,
  ) {}

  /** Rejects with an error that names a key that is not as its model says, with all that happened to it. */
  static async play(scene: KeyStateScene, history: History, onEvent: (event: ExpectedEvent) => void): Promise<void> {
    const channelId = await scene.openChannel(history.keys.length);
    const check = new KeyStateCheck(scene, channelId, onEvent);
    const rows = await check.readRows();
    const keys = rows.map((row, number) => new TrackedKey(number, row, history.keys[number] ?? []));
    await new KeyStateRun(scene, history, keys, check).playAll();
    await scene.get(ChannelsService).delete(channelId);
  }

  private async playAll(): Promise<void> {
    const { rounds, keys } = this.history;
    const count = Math.max(rounds.length, ...keys.map(({ length }) => length));
    for (this.round = 0; this.round < count; this.round++) await this.playRound(rounds[this.round] ?? QUIET);
    await this.playRound(SETTLED);
  }

  private async playRound({ isHeard, then }: Round): Promise<void> {
    for (const key of this.keys) this.happenInMemory(key, key.commands[this.round]);
    if (isHeard) await this.happenInDatabase(true);
    else await this.scene.elsewhere(() => this.happenInDatabase(false));
    await this.happenToAll(then);
    const difference = await this.check.firstDifference(this.keys);
    if (difference) this.fail(difference.key, difference.what);
  }

  private happenInMemory(key: TrackedKey, command: KeyCommand | undefined): void {
    if (command?.do === 'begin attempt') this.beginAttempt(key, command);
    if (command?.do === 'end attempt') this.endAttempt(key, command);
    if (command?.do === 'begin probe') key.probes.push({ row: key.row, version: key.model.stored.version });
    if (command?.do === 'refund') this.refund(key, command);
  }

  private beginAttempt(key: TrackedKey, { model }: CommandOf<'begin attempt'>): void {
    const { position } = key.row;
    const pool = this.scene.get(PoolRegistry).find(this.channelId);
    // Where polling stands is the key that it takes, if it may.
    if (pool) pool.ring.cursor = position;
    const lease = this.scene.get(KeySelector).lease(this.route, [], model);
    const isLeased = lease?.index === position;
    if (isLeased !== (key.model.isUsableFor(model) && this.admits))
      this.fail(key, `is leased for ${model}: ${isLeased}`);
    if (!lease || !isLeased) return;
    key.attempts.push({ key: lease, version: key.model.memory.version, model, startedAtMs: this.nowMs });
  }

  private endAttempt(key: TrackedKey, { which, end }: CommandOf<'end attempt'>): void {
    const attempt = take(key.attempts, which);
    if (!attempt) return;
    const facts = { ...attempt, channel: this.route };
    // What a channel's breaker does is not the matter here: while it is open, nothing is held against keys.
    const isExpected = this.admits && key.model.attemptEnds(attempt, end, this.nowMs);
    const health = this.scene.get(KeyHealth);
    if (end === 'success') {
      health.succeeded(facts);
      return;
    }
    const strike = health.punish(facts, verdictOf(end, key.number), upstreamWord(end));
    if ((strike !== null) !== isExpected) this.fail(key, `has a strike to take back: ${strike !== null}`);
    if (strike) key.strikes.push({ strike, pool: key.model.pool });
  }

  private refund(key: TrackedKey, { which }: CommandOf<'refund'>): void {
    const struck = take(key.strikes, which);
    if (!struck) return;
    struck.strike.refund();
    key.model.refunded(struck.pool);
  }

  private async happenInDatabase(isHeard: boolean): Promise<void> {
    const isAnyChange = [await this.switchAll('enable'), await this.switchAll('disable'), await this.endProbes()];
    if (isHeard && isAnyChange.includes(true)) this.modelsSync();
  }

  private async switchAll(action: 'enable' | 'disable'): Promise<boolean> {
    const keys = this.keys.filter((key) => key.commands[this.round]?.do === action);
    if (keys.length === 0) return false;
    const indices = keys.map(({ row }) => row.position);
    await this.scene.get(KeySwitch).switch(this.channelId, { by: 'index', indices }, action === 'enable');
    for (const { model } of keys) {
      if (action === 'enable') model.adminEnables();
      else model.adminDisables();
    }
    return true;
  }

  private async endProbes(): Promise<boolean> {
    const transitions = this.keys.flatMap((key) => {
      const command = key.commands[this.round];
      const probe = command?.do === 'end probe' ? take(key.probes, command.which) : undefined;
      if (command?.do !== 'end probe' || !probe) return [];
      key.model.probeEnds({ version: probe.version, state: probe.row.state }, command.end, this.nowMs);
      return this.scene.get(ProbeSettlement).propose(probeFinding(this.channelId, probe.row, command.end)) ?? [];
    });
    if (transitions.length > 0) await this.scene.get(KeyTransitions).apply(this.channelId, transitions);
    return transitions.length > 0;
  }

  private async happenToAll(event: Round['then']): Promise<void> {
    switch (event) {
      case 'nothing':
        return;
      case 'flush':
        await this.scene.flush();
        for (const { model } of this.keys) model.flushed(this.nowMs);
        return this.resync();
      case 'resync':
        return this.resync();
      case 'let 30 s pass':
        await this.scene.pass(this.channelId, WAIT_MS);
        for (const { model } of this.keys) model.timePassed(this.nowMs);
        return;
      case 'import again':
        return this.importAgain();
    }
  }

  private async resync(): Promise<void> {
    await this.scene.resync(this.channelId);
    this.modelsSync();
  }

  /** In another order each time: an index that someone remembers then belongs to another key. */
  private async importAgain(): Promise<void> {
    const secrets = someKeys(this.keys.length);
    const shift = ++this.imports % secrets.length;
    const lines = [...secrets.slice(shift), ...secrets.slice(0, shift)];
    await this.scene.get(KeyImporter).import(this.channelId, lines, IMPORT_MODES.overwrite);
    for (const { model } of this.keys) model.importedAgain(this.nowMs);
  }

  private modelsSync(): void {
    for (const { model } of this.keys) model.synced(this.nowMs);
  }

  private fail(key: TrackedKey, what: string): never {
    const lived = Array.from({ length: this.round + 1 }, (_, round) => {
      const { isHeard, then } = this.history.rounds[round] ?? QUIET;
      const command = JSON.stringify(key.commands[round] ?? null);
      return `  ${round + 1}. ${command}, ${isHeard ? 'heard' : 'unheard'}, then ${then}`;
    });
    throw new Error(`Key ${key.number} ${what}\nafter\n${lived.join('\n')}`);
  }

  private get channelId(): number {
    return this.check.channelId;
  }

  private get nowMs(): number {
    return this.scene.clock.nowMs();
  }

  private get admits(): boolean {
    return this.scene.get(KeyHealth).admits(this.channelId);
  }

  private get route(): ChannelRoute {
    const route = this.scene.get(ChannelDirectory).find(this.channelId);
    if (!route) throw new Error('The channel is gone');
    return route;
  }
}

function take<T>(list: T[], which: number): T | undefined {
  return list.splice(which % Math.max(list.length, 1), 1)[0];
}
