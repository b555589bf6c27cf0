import type { ScannedBody } from './body-scan';
import { editFields } from './json-edit';
import type { ContentChanges, OutgoingBody, RequestContent } from './request-content';

/** A JSON body, held whole so that every attempt can send it. */
export class JsonContent implements RequestContent {
  readonly models: readonly string[];
  readonly isStream: boolean;
  readonly canRepeat = true;
  readonly fault = null;

  constructor(
    readonly json: Buffer,
    scanned: ScannedBody,
  ) {
    this.models = scanned.model === null ? [] : [scanned.model];
    this.isStream = scanned.stream;
  }

  outgoing({ modelFor, model, fields }: ContentChanges): OutgoingBody {
    const [named] = this.models;
    const target = model ?? (named === undefined ? null : modelFor(named));
    const isRenamed = target !== null && target !== named;
    if (!isRenamed && fields.size === 0) return { body: this.json, length: null };
    const edits = isRenamed ? new Map([...fields, ['model', JSON.stringify(target)] as const]) : fields;
    return { body: editFields(this.json, edits), length: null };
  }

  release(): void {
    // The bytes go with the request.
  }
}
