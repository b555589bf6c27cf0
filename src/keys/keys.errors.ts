import { AppError } from '../common/app-error';
import { ConfigError } from '../config/config.error';
import { type KeyProblem, MOST_PROBLEMS_SHOWN } from './key-list';

export class KeyNotFoundError extends AppError {
  readonly code = 'KEY_NOT_FOUND';
  readonly status = 404;

  constructor(channelId: number) {
    super(`Channel ${channelId} has no such key; GET /api/channel/${channelId}/keys/details lists its keys`);
  }
}

export class BatchNotFoundError extends AppError {
  readonly code = 'BATCH_NOT_FOUND';
  readonly status = 404;
  override readonly detail: { readonly newest_batches: readonly string[] };

  constructor(channelId: number, newest: readonly string[]) {
    super(`Channel ${channelId} has no such batch; GET /api/channel/${channelId}/keys/batches lists its batches`);
    this.detail = { newest_batches: newest };
  }
}

export class KeyIndicesUsedUpError extends AppError {
  readonly code = 'KEY_INDICES_USED_UP';
  readonly status = 409;

  constructor(channelId: number, highest: number) {
    super(
      `Channel ${channelId} has given out nearly all its indices, up to ${highest}; they begin again at 0 when its keys are ` +
        'imported with mode 0',
    );
  }
}

export class NoValidKeysError extends AppError {
  readonly code = 'NO_VALID_KEYS';
  readonly status = 400;
  override readonly detail: { readonly problems: readonly KeyProblem[] };

  constructor(problems: readonly KeyProblem[]) {
    super('None of the keys can be used; a key is 8 to 512 printable ASCII characters without spaces');
    this.detail = { problems: problems.slice(0, MOST_PROBLEMS_SHOWN) };
  }
}

export class OperationNotFoundError extends AppError {
  readonly code = 'OPERATION_NOT_FOUND';
  readonly status = 404;

  constructor() {
    super('No operation has this id; POST /api/channel/keys/bulk answers one as operation_id');
  }
}

export class OperationAlreadyUndoneError extends AppError {
  readonly code = 'OPERATION_ALREADY_UNDONE';
  readonly status = 409;

  constructor(id: string) {
    super(`Operation ${id} has been undone already; to do it again, send it to POST /api/channel/keys/bulk again`);
  }
}

export class OperationExpiredError extends AppError {
  readonly code = 'OPERATION_EXPIRED';
  readonly status = 410;

  constructor(id: string) {
    super(`Operation ${id} can no longer be undone: its 10 minutes are over; switch or import its keys instead`);
  }
}

export class EncryptionKeyMismatchError extends ConfigError {
  constructor(known: readonly string[], given: string) {
    super([
      `ENCRYPTION_KEY: has the id ${given}, but the stored keys were encrypted under ${known.join(', ')}: ` +
        'restore that key (ENCRYPTION_KEY, or DATA_DIR/encryption-key)',
    ]);
  }
}
