import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min, ValidateBy, ValidateIf } from 'class-validator';

/** A database id: a whole number from 1 on, small enough for JSON. */
export function IsId(): PropertyDecorator {
  return applyDecorators(
    IsInt(),
    Min(1),
    Max(Number.MAX_SAFE_INTEGER),
    ApiProperty({ type: 'integer', minimum: 1, example: 1 }),
  );
}

const LARGEST_INDEX = 2 ** 31 - 1;

/** A key's index within its channel, from 0 on. */
export function IsKeyIndex(options: { each: boolean } = { each: false }): PropertyDecorator {
  return applyDecorators(IsInt(options), Min(0, options), Max(LARGEST_INDEX, options));
}

/** A whole number of a query string, within bounds; absent, the property keeps its initial value. */
export function IsQueryInteger(minimum: number, maximum: number): PropertyDecorator {
  return applyDecorators(
    IsOptional(),
    Type(() => Number),
    IsInt(),
    Min(minimum),
    Max(maximum),
    ApiProperty({ type: 'integer', minimum, maximum, required: false }),
  );
}

/** The field may be left out; null is refused like any other wrong value. */
export function MayBeAbsent(): PropertyDecorator {
  return ValidateIf((_object, value) => value !== undefined);
}

/** A text of `least` to `most` characters (code points, as PostgreSQL counts) that PostgreSQL can store. */
export function IsText(least: number, most: number, options: { each: boolean } = { each: false }): PropertyDecorator {
  const text = ValidateBy(
    {
      name: 'isText',
      validator: {
        validate: (value) => isText(value, least, most),
        defaultMessage: () => `$property must be a text of ${least} to ${most} characters`,
      },
    },
    options,
  );
  return options.each ? text : applyDecorators(text, ApiProperty({ minLength: least, maxLength: most }));
}

export function isText(value: unknown, least: number, most: number): boolean {
  // PostgreSQL stores no NUL and no half of a surrogate pair.
  if (typeof value !== 'string' || value.includes('\0') || !value.isWellFormed()) return false;
  const { length } = Array.from(value);
  // A text that must not be empty must not be blank either.
  return length <= most && (least === 0 || value.trim().length >= least);
}
