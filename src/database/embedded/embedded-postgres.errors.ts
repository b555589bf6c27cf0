/** Says why the embedded PostgreSQL cannot serve and what its owner can do about it; holds no secret. */
export class EmbeddedPostgresError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Refuses a data folder that another running Keymux holds. */
export class DataDirInUseError extends EmbeddedPostgresError {
  constructor(dataDir: string) {
    super(`another Keymux is already running on ${dataDir}; stop it, or give this one a DATA_DIR of its own`);
  }
}

/** The system's code of a failed call (ENOENT), PostgreSQL's code of a refusal (57P03), or an empty string. */
export function codeOf(error: unknown): string {
  return textOf(error, 'code') ?? '';
}

export function messageOf(error: unknown): string {
  return textOf(error, 'message') ?? String(error);
}

// By shape, not by class: under Jest the system's errors come from another realm.
function textOf(error: unknown, field: 'code' | 'message'): string | undefined {
  const value = typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[field] : undefined;
  return typeof value === 'string' ? value : undefined;
}
