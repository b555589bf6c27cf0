import { ApiProperty } from '@nestjs/swagger';
import type { BreakerView } from '../channels/channel-breakers';
import { SELECTION_MODES, type SelectionMode } from '../channels/selection-mode';
import { IsText, MayBeAbsent } from '../common/field-rules';
import { KEY_STATES, type KeyState } from '../keys/key-state';
import type { KeyTally } from './key-tally';

export class ExplainQueryDto {
  /** As a request would ask for it; left out: whatever the model. */
  @MayBeAbsent()
  @IsText(1, 200)
  @ApiProperty({ required: false, example: 'gpt-4o' })
  readonly model?: string;
}

/** The keys, each counted once. */
export class ExplainedKeysDto implements KeyTally {
  @ApiProperty({ example: 8 })
  readonly total!: number;
  /** Now, and for this model. */
  @ApiProperty({ example: 2 })
  readonly usable!: number;
  /** Rate limited, for this model or for all. */
  @ApiProperty({ example: 1 })
  readonly cooling!: number;
  /** Waiting for a probe that decides. */
  @ApiProperty({ example: 1 })
  readonly suspect!: number;
  @ApiProperty({ example: 1 })
  readonly exhausted!: number;
  /** Refused by the upstream, or not to be decrypted. */
  @ApiProperty({ example: 1 })
  readonly dead!: number;
  /** By hand. */
  @ApiProperty({ example: 1 })
  readonly disabled!: number;
  /** Good, but kept from this model: they may not use it, or it is closed for all keys. */
  @ApiProperty({ example: 1 })
  readonly benched_for_model!: number;
}

export class KeyReasonDto {
  @ApiProperty({ enum: KEY_STATES, example: 'dead' })
  readonly state!: KeyState;
  /** Null where nobody said why. */
  @ApiProperty({ type: String, nullable: true, example: 'invalid_api_key' })
  readonly code!: string | null;
  @ApiProperty({ example: 1 })
  readonly count!: number;
}

export class NextKeyDto {
  @ApiProperty({ example: 0 })
  readonly index!: number;
  @ApiProperty({ example: 1 })
  readonly key_id!: number;
}

export class ExplainedBreakerDto implements BreakerView {
  /** Requests go to the channel only while it is closed. */
  @ApiProperty({ enum: ['closed', 'open', 'half-open'], example: 'closed' })
  readonly state!: BreakerView['state'];
  /** The verdict that it opened for; null while it is closed, as are the next three. */
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly reason!: string | null;
  /** The code of the upstream's answer, such as `http_503`, or of the error that came instead. */
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly code!: string | null;
  /** Unix seconds. */
  @ApiProperty({ type: Number, nullable: true, example: null })
  readonly since!: number | null;
  /** Unix seconds of the next trial; null as well while one is under way. */
  @ApiProperty({ type: Number, nullable: true, example: null })
  readonly retry_at!: number | null;
}

export class RivalDto {
  @ApiProperty({ example: 2 })
  readonly channel_id!: number;
  @ApiProperty({ example: 'a second account' })
  readonly channel_name!: string;
  @ApiProperty({ example: 0 })
  readonly priority!: number;
  @ApiProperty({ example: 1 })
  readonly weight!: number;
  /** Keys that could serve this model now. */
  @ApiProperty({ example: 3 })
  readonly usable!: number;
}

export class ExplanationDto {
  @ApiProperty({ example: 1 })
  readonly channel_id!: number;
  @ApiProperty({ example: 'GPT-4聚合渠道' })
  readonly channel_name!: string;
  /** As it was asked for. */
  @ApiProperty({ type: String, nullable: true, example: 'gpt-4o' })
  readonly model!: string | null;
  /** As the upstream is asked for it; null without `model`, and while the channel is switched off by hand. */
  @ApiProperty({ type: String, nullable: true, example: 'gpt-4o' })
  readonly upstream_model!: string | null;
  /** Whether a request whose token may use this channel could be sent by it now. */
  @ApiProperty({ example: true })
  readonly considered!: boolean;
  /** Why it is not considered, and what else is good to know. */
  @ApiProperty({ type: [String], example: ['keys that rest: 1'] })
  readonly reasons!: string[];
  @ApiProperty({ enum: Object.values(SELECTION_MODES), example: 0 })
  readonly selection_mode!: SelectionMode;
  /** Null while the channel is switched off by hand, as is `weight`. */
  @ApiProperty({ type: Number, nullable: true, example: 0 })
  readonly priority!: number | null;
  @ApiProperty({ type: Number, nullable: true, example: 1 })
  readonly weight!: number | null;
  readonly keys!: ExplainedKeysDto;
  /** Keys that are out, as stored: the 20 most frequent reasons. Rests below 10 seconds are not stored. */
  readonly by_reason!: KeyReasonDto[];
  /** The index where polling goes on; null for random, and when no key can be used. */
  @ApiProperty({ type: Number, nullable: true, example: 0 })
  readonly cursor!: number | null;
  /** What the next five requests for this model get once it is considered; null for random, where any usable key may come. */
  @ApiProperty({ type: () => [NextKeyDto], nullable: true })
  readonly next_keys!: NextKeyDto[] | null;
  /** Until the first key comes back or is probed; null when nothing of that is to come. */
  @ApiProperty({ type: Number, nullable: true, example: 2400 })
  readonly next_fuller_in_ms!: number | null;
  /** The same in unix seconds. */
  @ApiProperty({ type: Number, nullable: true, example: 1703515202 })
  readonly next_fuller_at!: number | null;
  readonly breaker!: ExplainedBreakerDto;
  /** The first 20 of the other channels that would be considered, in the relay's order; one priority shares by weight. */
  readonly rivals!: RivalDto[];
}
