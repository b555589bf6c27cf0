import { Injectable } from '@nestjs/common';
import { ChannelReader } from '../channels/channel-reader';
import type { ChannelRoute } from '../channels/channel-route';
import { SELECTION_MODES, type SelectionMode } from '../channels/selection-mode';
import { Clock } from '../common/clock';
import { unixSeconds } from '../common/unix-seconds';
import { KeyReasons, type ReasonCount } from '../keys/key-reasons';
import type { ExplanationDto, NextKeyDto, RivalDto } from './explain.dto';
import { type KeyTally, tallyPool, tallyStored } from './key-tally';
import { obstaclesOf, remarksOn } from './obstacles';
import { ANY_MODEL, type Prospect, Prospects } from './prospects';

const MOST_REASONS = 20;
const MOST_RIVALS = 20;
const KEYS_AHEAD = 5;

/** Explains what the relay would do with a channel at this moment; what it says is of this process alone. */
@Injectable()
export class ChannelExplainer {
  constructor(
    private readonly channels: ChannelReader,
    private readonly reasons: KeyReasons,
    private readonly prospects: Prospects,
    private readonly clock: Clock,
  ) {}

  /** For requests that ask for this model; null: whatever the model. Throws a `ChannelNotFoundError`. */
  async explain(channelId: number, model: string | null): Promise<ExplanationDto> {
    const channel = await this.channels.getSummary(channelId);
    const stored = await this.reasons.count(channelId);
    const prospect = this.prospects.of(channelId, model);
    const keys = prospect.pool ? tallyOf(prospect) : tallyStored(stored);
    const rivals = this.rivals(channelId, model);
    const nextKeys = nextKeysOf(prospect);
    return {
      channel_id: channelId,
      channel_name: channel.name,
      model,
      upstream_model: prospect.upstreamModel,
      ...this.judge(prospect, keys, rivals),
      ...standingOf(prospect.route, channel.selectionMode),
      keys,
      by_reason: outOfService(stored),
      cursor: nextKeys?.[0]?.index ?? null,
      next_keys: nextKeys,
      ...this.nextFuller(prospect),
      breaker: prospect.breaker,
      rivals: rivals.slice(0, MOST_RIVALS),
    };
  }

  private judge(
    prospect: Prospect,
    keys: KeyTally,
    rivals: readonly RivalDto[],
  ): Pick<ExplanationDto, 'considered' | 'reasons'> {
    const obstacles = obstaclesOf(prospect, keys, this.nowSeconds());
    const ownPriority = prospect.route?.priority ?? Infinity;
    const ahead = rivals.filter(({ priority }) => priority > ownPriority).length;
    return { considered: obstacles.length === 0, reasons: [...obstacles, ...remarksOn(prospect, keys, ahead)] };
  }

  private rivals(channelId: number, model: string | null): RivalDto[] {
    return this.prospects.besides(channelId, model).flatMap((prospect) => {
      const keys = tallyOf(prospect);
      const { route } = prospect;
      if (!route || obstaclesOf(prospect, keys, this.nowSeconds()).length > 0) return [];
      const { id, name, priority, weight } = route;
      return { channel_id: id, channel_name: name, priority, weight, usable: keys.usable };
    });
  }

  private nextFuller(prospect: Prospect): Pick<ExplanationDto, 'next_fuller_in_ms' | 'next_fuller_at'> {
    const inMs = this.prospects.nextFullerInMs(prospect);
    const at = inMs === null ? null : unixSeconds(new Date(this.clock.wallMs() + inMs));
    return { next_fuller_in_ms: inMs, next_fuller_at: at };
  }

  private nowSeconds(): number {
    return unixSeconds(new Date(this.clock.wallMs()));
  }
}

function standingOf(
  route: ChannelRoute | null,
  storedMode: SelectionMode,
): Pick<ExplanationDto, 'selection_mode' | 'priority' | 'weight'> {
  if (!route) return { selection_mode: storedMode, priority: null, weight: null };
  return { selection_mode: route.selectionMode, priority: route.priority, weight: route.weight };
}

function tallyOf({ pool, upstreamModel }: Prospect): KeyTally {
  return pool ? tallyPool(pool, upstreamModel ?? ANY_MODEL) : tallyStored([]);
}

function outOfService(stored: readonly ReasonCount[]): ReasonCount[] {
  return stored.filter(({ state }) => state !== 'active').slice(0, MOST_REASONS);
}

/** Null where any usable key may come next. */
function nextKeysOf({ route, pool, upstreamModel }: Prospect): NextKeyDto[] | null {
  if (route?.isMultiKey && route.selectionMode === SELECTION_MODES.random) return null;
  if (!route || !pool) return [];
  const model = upstreamModel ?? ANY_MODEL;
  const slots = route.isMultiKey ? pool.preview(model, KEYS_AHEAD) : lowestOnly(pool.ringFor(model).first());
  return slots.map((index) => ({ index, key_id: pool.health.keyIdAt(index) }));
}

function lowestOnly(slot: number): number[] {
  return slot === -1 ? [] : Array<number>(KEYS_AHEAD).fill(slot);
}
