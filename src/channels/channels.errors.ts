import { AppError, type FieldFault } from '../common/app-error';

export class ChannelNotFoundError extends AppError {
  readonly code = 'CHANNEL_NOT_FOUND';
  readonly status = 404;

  constructor(id: number) {
    super(`Channel ${id} not found; GET /api/channel lists the channels, POST /api/channel makes one`);
  }
}

export class BaseUrlRefusedError extends AppError {
  readonly code = 'BASE_URL_REFUSED';
  readonly status = 400;
  override readonly faults: readonly FieldFault[];

  constructor(problem: string) {
    super(problem);
    this.faults = [{ field: 'base_url', message: problem }];
  }
}

export class ProxyRefusedError extends AppError {
  readonly code = 'PROXY_REFUSED';
  readonly status = 400;
  override readonly faults: readonly FieldFault[];

  /** `problem` must not quote the URL, which holds a password. */
  constructor(problem: string) {
    super(problem);
    this.faults = [{ field: 'proxy', message: problem }];
  }
}

export class BaseUrlChangeNeedsKeysError extends AppError {
  readonly code = 'BASE_URL_CHANGE_NEEDS_KEYS';
  readonly status = 409;

  constructor() {
    super(
      'The new base_url has another origin and keys are stored: send `keys` in the same call, they replace the stored ones',
    );
  }
}

export class ChannelNotMultiKeyError extends AppError {
  readonly code = 'CHANNEL_NOT_MULTI_KEY';
  readonly status = 409;

  constructor(id: number | null) {
    super(
      id === null
        ? 'Several keys need a multi-key channel: leave is_multi_key out or send true'
        : `Channel ${id} serves one key, because multi-key is off; for several, first PUT /api/channel/multi-key/settings {"channel_id": ${id}, "is_multi_key": true, "key_selection_mode": 0}`,
    );
  }
}
