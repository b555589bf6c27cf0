import { ApiProperty } from '@nestjs/swagger';
import { STATUS, type Status, statusText } from '../channels/status';
import { unixSeconds } from '../common/unix-seconds';
import type { ChannelKey } from './channel-key.entity';
import { KEY_STATES, type KeyState } from './key-state';

/** One key as admins see it; the key itself is never shown, only its mask. */
export class KeyDto {
  /** Stable until the next overwrite; deleting other keys does not change it. */
  @ApiProperty({ example: 0 })
  readonly index!: number;
  /** Never given to another key. */
  @ApiProperty({ example: 1 })
  readonly key_id!: number;
  @ApiProperty({ example: 'sk-1234...cdef' })
  readonly key!: string;
  /** 1 enabled, 2 disabled by hand, 3 disabled automatically. */
  @ApiProperty({ enum: Object.values(STATUS), example: 1 })
  readonly status!: Status;
  @ApiProperty({ example: '已启用' })
  readonly status_text!: string;
  /** What the status stands for in detail. */
  @ApiProperty({ enum: KEY_STATES, example: 'active' })
  readonly state!: KeyState;
  @ApiProperty({ example: 0 })
  readonly balance!: number;
  /** Requests sent with this key. */
  @ApiProperty({ example: 0 })
  readonly usage!: number;
  /** Unix seconds; 0 means never. */
  @ApiProperty({ example: 0 })
  readonly last_used!: number;
  @ApiProperty({ example: 'batch_1703515200' })
  readonly import_batch!: string;
  @ApiProperty({ example: '' })
  readonly note!: string;
  /** Unix seconds until which the key rests; null when it does not. */
  @ApiProperty({ type: Number, nullable: true, example: null })
  readonly cooling_until!: number | null;
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly disabled_reason!: string | null;
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly disabled_code!: string | null;
  /** Unix seconds. */
  @ApiProperty({ type: Number, nullable: true, example: null })
  readonly disabled_at!: number | null;
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly disabled_model!: string | null;
  @ApiProperty({ type: Number, nullable: true, example: null })
  readonly http_status!: number | null;
  /** Unix seconds. */
  @ApiProperty({ type: Number, nullable: true, example: null })
  readonly next_probe_at!: number | null;
}

export function toKeyDto(key: ChannelKey): KeyDto {
  const isOff = key.status !== STATUS.enabled;
  const state = currentState(key);
  const isPlain = state === 'active';
  return {
    index: key.position,
    key_id: key.id,
    key: key.mask,
    status: key.status,
    status_text: statusText(key.status),
    state,
    balance: key.balance,
    usage: key.usage,
    last_used: unixSeconds(key.lastUsed),
    import_batch: key.importBatch,
    note: key.note,
    cooling_until: state === 'cooling' && key.until ? unixSeconds(key.until) : null,
    disabled_reason: isPlain ? null : key.statusDetail,
    disabled_code: isPlain ? null : key.statusCode,
    disabled_at: isOff ? unixSeconds(key.statusSince) : null,
    disabled_model: isPlain ? null : key.statusModel,
    http_status: isPlain ? null : key.statusHttp,
    next_probe_at: key.nextProbeAt && unixSeconds(key.nextProbeAt),
  };
}

/** A rest that is over left no trace in the row: the key serves again all the same. */
function currentState({ state, until }: ChannelKey): KeyState {
  return state === 'cooling' && until !== null && until.getTime() <= Date.now() ? 'active' : state;
}
