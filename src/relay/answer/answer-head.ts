/** How an upstream's answer begins. */
export interface AnswerHead {
  readonly status: number;
  readonly rawHeaders: readonly Buffer[];
  readonly isEventStream: boolean;
  /** Compressed, so that nothing can be read from it or put into it. */
  readonly isEncoded: boolean;
}
