import type { HealthSettings } from './health-settings';
import type { ProviderType } from './provider-type';
import type { SelectionMode } from './selection-mode';

/** A channel as requests see it: flat, immutable, ready for use. */
export interface ChannelRoute {
  readonly id: number;
  readonly name: string;
  readonly type: ProviderType;
  readonly settings: HealthSettings;
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path of the base URL without a trailing slash; may be empty. */
  readonly basePath: string;
  /** False while every key is off: still known, so that a refusal can say why. */
  readonly isEnabled: boolean;
  readonly isMultiKey: boolean;
  readonly selectionMode: SelectionMode;
  /** Empty: any model. */
  readonly models: readonly string[];
  /** Model asked for -> model sent upstream. */
  readonly modelMapping: ReadonlyMap<string, string>;
  readonly priority: number;
  readonly weight: number;
  /** Unix seconds. */
  readonly createdAt: number;
  readonly keyRevision: number;
  readonly keyGeneration: number;
}
