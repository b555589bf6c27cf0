import { AppError } from '../common/app-error';

/** Why a key was not enabled. */
interface StillFailing {
  readonly verdict: string;
  readonly code: string;
  /** With every key in it masked. */
  readonly message: string;
  readonly http_status: number | null;
  /** Unix seconds; null when no probe is due. */
  readonly next_probe_at: number | null;
  /** Unix seconds until which the key rests for the rate limit that it met; null for any other, and if it rested already. */
  readonly cooling_until: number | null;
}

export class KeyStillFailingError extends AppError {
  readonly code = 'KEY_STILL_FAILING';
  readonly status = 409;
  override readonly detail: StillFailing;

  /** `isTried`: something was found out about the key. */
  constructor(channelId: number, index: number, failing: StillFailing, isTried: boolean) {
    const { code } = failing;
    const outcome = isTried ? `was tried and not accepted (${code})` : `could not be tried: ${code}`;
    super(`Key ${index} of channel ${channelId} ${outcome}; POST /api/channel/keys/toggle enables it all the same`);
    this.detail = failing;
  }
}

export class TestAlreadyRunningError extends AppError {
  readonly code = 'TEST_ALREADY_RUNNING';
  readonly status = 409;
  override readonly detail: { readonly job_id: string };

  constructor(channelId: number, jobId: string) {
    super(
      `The keys of channel ${channelId} are being tested already; GET /api/channel/${channelId}/keys/test/${jobId} shows how ` +
        'far, DELETE ends it',
    );
    this.detail = { job_id: jobId };
  }
}

export class TestNotFoundError extends AppError {
  readonly code = 'TEST_NOT_FOUND';
  readonly status = 404;

  constructor(channelId: number) {
    super(
      `Channel ${channelId} has no such test; the last ones are remembered until the program stops, and ` +
        `POST /api/channel/${channelId}/keys/test starts a new one`,
    );
  }
}
