/** Tests keys in the background; provided by a module that is built on the keys. */
export abstract class KeyTestJobs {
  /** Starts a test of these keys of a channel; the id of its job, and how many keys it tests. */
  abstract start(channelId: number, keyIds: readonly number[]): Promise<{ job_id: string; total: number }>;
}
