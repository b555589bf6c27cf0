import type { Dialect } from './dialect';
import type { HealthSettings } from './health-settings';
import type { ModelMapping } from './model-mapping';
import type { ProviderType } from './provider-type';
import type { SelectionMode } from './selection-mode';

/** A channel as requests see it: flat, immutable, ready for use. */
export interface ChannelRoute {
  readonly id: number;
  readonly name: string;
  readonly type: ProviderType;
  /** The API that the upstream speaks; only requests in it go there. */
  readonly dialect: Dialect;
  readonly settings: HealthSettings;
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path of the base URL without a trailing slash; may be empty. */
  readonly basePath: string;
  /** Sent to Azure by callers who name none. */
  readonly apiVersion: string;
  /** URL of the proxy to go through, with its password; null for none. */
  readonly proxy: string | null;
  /** False while every key is off: still known, so that a refusal can say why. */
  readonly isEnabled: boolean;
  readonly isMultiKey: boolean;
  readonly selectionMode: SelectionMode;
  /** Empty: any model. */
  readonly models: readonly string[];
  readonly modelMapping: ModelMapping;
  /** Header in lower case -> the value that it gets whatever the caller sends; null removes it. */
  readonly headerOverride: ReadonlyMap<string, string | null>;
  /** Top-level field of the body -> the JSON text of its value; null removes it. */
  readonly paramOverride: ReadonlyMap<string, string | null>;
  /** Whether requests of one session prefer one key. */
  readonly affinity: boolean;
  /** Whether streams are asked for their usage of tokens. */
  readonly streamUsage: boolean;
  readonly priority: number;
  readonly weight: number;
  /** Unix seconds. */
  readonly createdAt: number;
  readonly keyRevision: number;
  readonly keyGeneration: number;
}
