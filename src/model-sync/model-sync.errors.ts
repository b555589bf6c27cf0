import { AppError } from '../common/app-error';
import type { VerdictKind } from '../channels/verdict-kinds';

/** Why there is no list. */
export interface ListRefusal {
  /** Null when no answer came. */
  readonly http_status: number | null;
  /** What the answer means; null for a good answer that cannot be used. */
  readonly verdict: VerdictKind | null;
  readonly code: string;
  /** With every key in it masked; empty when the answer says nothing. */
  readonly message: string;
}

export class ModelsNotListedError extends AppError {
  readonly code = 'MODELS_NOT_LISTED';
  readonly status = 502;
  override readonly detail: ListRefusal;

  constructor(channelId: number, refusal: ListRefusal) {
    super(
      `The upstream of channel ${channelId} gave no list of models that can be used (${refusal.code}); nothing changed, and ` +
        `PUT /api/channel/${channelId} takes \`models\` as well`,
    );
    this.detail = refusal;
  }
}
