import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { STATUS, type Status } from '../../channels/status';
import { IsKeyIndex, IsQueryInteger } from '../../common/field-rules';
import { IdParam } from '../../common/id.param';
import { unixSeconds } from '../../common/unix-seconds';
import type { KeyEvent } from '../key-event.entity';
import { type Actor, ACTORS, KEY_STATES, type KeyState, STATUS_OF_STATE } from '../key-state';

/** The `{id}` of a channel and the `{index}` of one of its keys, in a path. */
export class KeyPathParam extends IdParam {
  @Type(() => Number)
  @IsKeyIndex()
  @ApiProperty({ type: 'integer', minimum: 0, example: 0 })
  readonly index!: number;
}

export class ListKeyEventsDto {
  @IsQueryInteger(1, 200)
  readonly limit: number = 50;

  /** Only events older than this one: `next_before_id` of the page before. */
  @IsQueryInteger(1, Number.MAX_SAFE_INTEGER)
  readonly before_id?: number;
}

/** One change of a key's state. */
export class KeyEventDto {
  @ApiProperty({ example: 7 })
  readonly id!: number;
  /** Unix seconds. */
  @ApiProperty({ example: 1703515200 })
  readonly at!: number;
  /** The state before. */
  @ApiProperty({ enum: KEY_STATES, example: 'active' })
  readonly from!: KeyState;
  /** The state since; may be the same, as when a probe found nothing new. */
  @ApiProperty({ enum: KEY_STATES, example: 'cooling' })
  readonly to!: KeyState;
  /** The status that the state `to` stands for. */
  @ApiProperty({ enum: Object.values(STATUS), example: 1 })
  readonly status!: Status;
  /** Why: the code of the upstream's answer; null when no answer was the reason. */
  @ApiProperty({ type: String, nullable: true, example: 'rate_limit_exceeded' })
  readonly code!: string | null;
  /** The upstream's own words, with keys masked. */
  @ApiProperty({ type: String, nullable: true, example: 'Rate limit reached' })
  readonly detail!: string | null;
  /** The status of the upstream's answer; null when there was none. */
  @ApiProperty({ type: Number, nullable: true, example: 429 })
  readonly http_status!: number | null;
  /** The one model that the key rests for, else the one that was asked for when it was refused. */
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly model!: string | null;
  /** Who or what changed the key. */
  @ApiProperty({ enum: ACTORS, example: 'traffic' })
  readonly actor!: Actor;
  /** Unix seconds until which the state was to last; null when it had no end of its own. */
  @ApiProperty({ type: Number, nullable: true, example: 1703515230 })
  readonly until!: number | null;
}

export class KeyEventListDto {
  @ApiProperty({ example: 1 })
  readonly key_id!: number;
  @ApiProperty({ example: 0 })
  readonly index!: number;
  /** The newest first. */
  @ApiProperty({ type: () => [KeyEventDto] })
  readonly items!: KeyEventDto[];
  /** Ask for the next page with this as `before_id`; null when there is none. */
  @ApiProperty({ type: Number, nullable: true, example: null })
  readonly next_before_id!: number | null;
}

export function toKeyEventDto(event: KeyEvent): KeyEventDto {
  return {
    id: event.id,
    at: unixSeconds(event.at),
    from: event.fromState,
    to: event.toState,
    status: STATUS_OF_STATE[event.toState],
    code: event.code,
    detail: event.detail,
    http_status: event.httpStatus,
    model: event.model,
    actor: event.actor,
    until: event.until && unixSeconds(event.until),
  };
}
