import type { ValueTransformer } from 'typeorm';

/** Reads a bigint column, which the driver gives as text, as a number; our counts stay far below 2^53. */
export const bigintAsNumber: ValueTransformer = {
  from: (text: string | null) => (text === null ? null : Number(text)),
  to: (value: unknown) => value,
};
