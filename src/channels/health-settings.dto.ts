import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  Max,
  Min,
  ValidateBy,
  ValidateNested,
  type ValidationArguments,
} from 'class-validator';
import { IsText, MayBeAbsent } from '../common/field-rules';
import type { HealthSettings, VerdictOverride } from './health-settings';
import { VERDICT_KINDS, type VerdictKind } from './verdict-kinds';

const DAY_MS = 86_400_000;
const MONTH_SECONDS = 32 * 86_400;

const RESTFUL_VERDICTS: readonly VerdictKind[] = ['KEY_RATE', 'KEY_EXHAUSTED', 'KEY_MODEL'];

/** Refuses the field beside a verdict for which no key rests. */
function IsOfRestfulVerdict(): PropertyDecorator {
  return ValidateBy({
    name: 'isOfRestfulVerdict',
    validator: {
      validate: (_, args) => !args || isRestfulOrUnknown(args),
      defaultMessage: () =>
        `$property goes with the verdicts ${RESTFUL_VERDICTS.join(', ')} only: no key rests for others`,
    },
  });
}

/** What is no verdict at all has a fault of its own. */
function isRestfulOrUnknown({ object }: ValidationArguments): boolean {
  const { verdict } = object as Partial<VerdictOverride>;
  return verdict === undefined || !VERDICT_KINDS.includes(verdict) || RESTFUL_VERDICTS.includes(verdict);
}

/** A time in milliseconds that may be left out. */
function IsTimeMs(least: number, most: number): PropertyDecorator {
  return (target, property) => {
    for (const decorate of [
      MayBeAbsent(),
      IsInt(),
      Min(least),
      Max(most),
      ApiProperty({ type: 'integer', minimum: least, maximum: most, required: false, example: undefined }),
    ]) {
      decorate(target, property);
    }
  };
}

export class VerdictOverrideDto implements VerdictOverride {
  @IsInt()
  @Min(100)
  @Max(599)
  @ApiProperty({ type: 'integer', minimum: 100, maximum: 599, example: 403 })
  readonly status!: number;

  /** Equals the answer's error code, type or reason. */
  @MayBeAbsent()
  @IsText(1, 100)
  @ApiProperty({ required: false, example: 'quota_used_up' })
  readonly code?: string;

  /** The answer's error message begins with this. */
  @MayBeAbsent()
  @IsText(1, 300)
  @ApiProperty({ required: false, example: undefined })
  readonly message_prefix?: string;

  @IsIn(VERDICT_KINDS)
  @ApiProperty({ enum: VERDICT_KINDS, example: 'KEY_EXHAUSTED' })
  readonly verdict!: VerdictKind;

  /** How long the key rests; left out, as long as the verdict usually takes. Only for KEY_RATE, KEY_EXHAUSTED, KEY_MODEL. */
  @MayBeAbsent()
  @IsOfRestfulVerdict()
  @IsInt()
  @Min(1)
  @Max(MONTH_SECONDS)
  @ApiProperty({ type: 'integer', minimum: 1, maximum: MONTH_SECONDS, required: false, example: 3600 })
  readonly cool_seconds?: number;
}

/** What is left out, the environment decides: see docs/configuration.md. */
export class HealthSettingsDto implements HealthSettings {
  /** False: answers of the upstream take no key out. */
  @MayBeAbsent()
  @IsBoolean()
  @ApiProperty({ required: false, example: undefined })
  readonly auto_disable?: boolean;

  /** False: keys are probed only when an admin asks. */
  @MayBeAbsent()
  @IsBoolean()
  @ApiProperty({ required: false, example: undefined })
  readonly auto_probe?: boolean;

  /** The model that a probe by call asks for; left out, the channel's first model. */
  @MayBeAbsent()
  @IsText(1, 200)
  @ApiProperty({ required: false, example: 'gpt-4o-mini' })
  readonly test_model?: string;

  /** In the place of KEY_PROBE_SUSPECT_MS. */
  @IsTimeMs(10, DAY_MS)
  readonly probe_suspect_ms?: number;

  /** In the place of KEY_PROBE_EXHAUSTED_MS. */
  @IsTimeMs(10, 32 * DAY_MS)
  readonly probe_exhausted_ms?: number;

  /** In the place of KEY_PROBE_DEAD_MS. */
  @IsTimeMs(10, 32 * DAY_MS)
  readonly probe_dead_ms?: number;

  /** In the place of KEY_COOL_DEFAULT_MS. */
  @IsTimeMs(100, 300_000)
  readonly cool_default_ms?: number;

  /** In the place of KEY_BREAKER_OPEN_MS. */
  @IsTimeMs(10, 30_000)
  readonly breaker_open_ms?: number;

  /** What answers of this upstream mean, before the provider's own table; the first that fits decides. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(100)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => VerdictOverrideDto)
  @ApiProperty({ type: () => [VerdictOverrideDto], required: false })
  readonly verdict_overrides?: readonly VerdictOverrideDto[];
}
