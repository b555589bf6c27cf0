import bytes from 'bytes';
import ms, { type StringValue } from 'ms';

/** A text that a setting cannot take; the message says what it should look like and never quotes the text. */
export class SettingFault extends Error {}

/** Turns the text of an environment variable into its value, or throws a `SettingFault`. */
type SettingReader = (text: string) => unknown;

/** One environment variable: what it is called, how it is read and what it does. */
export interface Setting {
  readonly env: string;
  readonly about: string;
  /** Default: the text as it is. */
  readonly read?: SettingReader;
  /** Also read from the file that `<env>_FILE` names; the value is never shown. */
  readonly isSecret?: boolean;
  /** The default, written as one would write it in the environment; without it an unset variable is null. */
  readonly fallback?: string;
}

export function integer(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new SettingFault('must be a whole number');
  return Number(text);
}

export function flag(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new SettingFault('must be true or false');
  return text === 'true';
}

/** Milliseconds from a text such as `500ms`, `30s` or `10m`. */
export function duration(text: string): number {
  if (!/^\d{1,9}(ms|s|m|h|d)$/.test(text)) throw new SettingFault('must be a duration such as 500ms, 30s or 10m');
  return ms(text as StringValue);
}

/** Bytes from a text such as `512kb` or `32mb`. */
export function size(text: string): number {
  const value = /^\d{1,9}(b|kb|mb|gb)$/i.test(text) ? bytes.parse(text) : null;
  if (value === null) throw new SettingFault('must be a size such as 512kb or 32mb');
  return value;
}
