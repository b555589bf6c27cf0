/** The environment cannot be used; every fault is listed, by name and never by value. */
export class ConfigError extends Error {
  /** EX_CONFIG of sysexits(3): restarting does not help. */
  static readonly EXIT_CODE = 78;

  constructor(readonly faults: readonly string[]) {
    super(`Invalid configuration:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  }
}
