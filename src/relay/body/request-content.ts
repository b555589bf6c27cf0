import type { Readable } from 'node:stream';
import type { Refusal } from '../answer/refusal';

/** What one channel changes in what a request carries. */
export interface ContentChanges {
  /** The model in place of each that is named. */
  readonly modelFor: (model: string) => string;
  /** The model to name even where none was named; null: only where one was. */
  readonly model: string | null;
  /** Top-level fields of a JSON body: name -> JSON text, or null for none. */
  readonly fields: ReadonlyMap<string, string | null>;
}

/** The bytes for one attempt. */
export interface OutgoingBody {
  readonly body: Buffer | Readable | null;
  /** In bytes; null when it is not known, or said by the body itself. */
  readonly length: number | null;
}

/** What a request carries, and what the relay reads of it. */
export interface RequestContent {
  /** Those that it names; empty when it names none. */
  readonly models: readonly string[];
  readonly isStream: boolean;
  /** The whole of a JSON body; null for any other. */
  readonly json: Buffer | null;
  /** Whether another attempt could send it once more. */
  readonly canRepeat: boolean;
  /** What is found to be wrong with it while it is being sent; null: nothing so far. */
  readonly fault: Refusal | null;
  /** Every byte as it came but for the changes; for one attempt at a time. */
  outgoing(changes: ContentChanges): OutgoingBody;
  /** Nobody needs it any more. */
  release(): void;
}

/** A request without a body. */
export const NO_CONTENT: RequestContent = {
  models: [],
  isStream: false,
  json: null,
  canRepeat: true,
  fault: null,
  outgoing: () => ({ body: null, length: null }),
  release: () => undefined,
};
