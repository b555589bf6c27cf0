import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { bodyTooLarge, REFUSALS, type Refusal } from '../answer/refusal';
import { type FormFault, FormScan } from './form-scan';
import type { ContentChanges, OutgoingBody, RequestContent } from './request-content';

export interface FormLimits {
  /** A longer form is refused. */
  readonly mostBytes: number;
  /** What is kept of it so that it can be sent again. */
  readonly keptBytes: number;
}

/** How far a form was read before it goes anywhere. */
type Beginning = 'known' | Refusal | 'gone';

const FAULTS: Readonly<Record<FormFault, Refusal>> = {
  'not-multipart': REFUSALS.notMultipart,
  'duplicate-model': REFUSALS.duplicateField,
  'model-too-long': REFUSALS.modelTooLong,
  'head-too-long': REFUSALS.notMultipart,
};

/**
 * A multipart form: read up to the `model` it names, and sent on as it comes in from there, no faster than the upstream reads.
 * What is short enough is kept, so that another attempt can send it once more.
 */
export class FormContent implements RequestContent {
  readonly json = null;
  fault: Refusal | null = null;
  /** What came so far; empty once it was too long to be kept. */
  private kept: Buffer[] = [];
  private receivedBytes = 0;
  private isWhole = false;
  private isForgotten = false;
  private isReleased = false;
  private readonly scan: FormScan;
  private reader: FormReader | null = null;
  private onBeginning: ((beginning: Beginning) => void) | null = null;

  constructor(
    private readonly request: IncomingMessage,
    private readonly boundary: string,
    private readonly limits: FormLimits,
  ) {
    this.scan = new FormScan(boundary);
  }

  get models(): readonly string[] {
    return this.scan.model ? [this.scan.model.value] : [];
  }

  get isStream(): boolean {
    return this.scan.stream;
  }

  get canRepeat(): boolean {
    return !this.isForgotten && this.fault === null;
  }

  /** Reads until the model is known, or known to be missing; `done` is called once. */
  begin(done: (beginning: Beginning) => void): void {
    this.onBeginning = done;
    this.request
      .on('data', (chunk: Buffer) => {
        this.receive(chunk);
      })
      .on('end', () => {
        this.complete();
      })
      .on('close', () => {
        this.tell('gone');
      })
      .on('error', () => {
        // That the client goes within its form shows as `close`.
      });
  }

  outgoing({ modelFor, model }: ContentChanges): OutgoingBody {
    const named = this.scan.model;
    const target = model ?? (named && modelFor(named.value));
    if (target === null || target === named?.value) return this.outgoingParts([...this.kept], 0);
    if (named === null) return this.outgoingParts([this.modelPart(target), ...this.kept], 0);
    const replacement = Buffer.from(target);
    return this.outgoingParts(spliced(this.kept, named, replacement), replacement.length - (named.end - named.start));
  }

  /** Only a form that is whole is known to name none. */
  private modelPart(model: string): Buffer {
    return Buffer.from(`--${this.boundary}\r\nContent-Disposition: form-data; name="model"\r\n\r\n${model}\r\n`);
  }

  private outgoingParts(kept: Buffer[], addedBytes: number): OutgoingBody {
    if (this.isWhole) return { body: Buffer.concat(kept), length: null };
    // undici lets go of the last attempt's later than it tells of its end, and until then nothing may go there.
    this.reader?.destroy();
    this.request.pause();
    this.reader = new FormReader(kept, this.request);
    const stated = this.request.headers['content-length'];
    return { body: this.reader, length: stated === undefined ? null : Number(stated) + addedBytes };
  }

  release(): void {
    this.isReleased = true;
    this.kept = [];
    this.reader?.destroy();
  }

  private receive(chunk: Buffer): void {
    if (this.fault || this.isReleased) return;
    this.receivedBytes += chunk.length;
    this.scan.push(chunk);
    if (this.receivedBytes > this.limits.mostBytes) this.fail(bodyTooLarge(this.limits.mostBytes));
    else if (this.scan.fault) this.fail(FAULTS[this.scan.fault]);
    else {
      this.keep(chunk);
      this.reader?.pass(chunk);
      if (this.scan.model) this.tell('known');
    }
  }

  /** Until it goes anywhere, all of it is needed. */
  private keep(chunk: Buffer): void {
    if (this.isForgotten) return;
    if (this.reader && this.receivedBytes > this.limits.keptBytes) {
      this.isForgotten = true;
      this.kept = [];
    } else {
      this.kept.push(chunk);
    }
  }

  private complete(): void {
    if (this.fault || this.isReleased) return;
    if (!this.scan.isComplete) {
      this.fail(REFUSALS.notMultipart);
      return;
    }
    this.isWhole = true;
    this.reader?.pass(null);
    this.tell('known');
  }

  private fail(fault: Refusal): void {
    this.fault = fault;
    this.kept = [];
    this.reader?.destroy(new Error('The form is refused'));
    this.tell(fault);
  }

  private tell(beginning: Beginning): void {
    const { onBeginning } = this;
    if (!onBeginning) return;
    this.onBeginning = null;
    if (beginning === 'known') this.request.pause();
    onBeginning(beginning);
  }
}

/** The bytes of one attempt: those that were kept, then those that come in. */
class FormReader extends Readable {
  private at = 0;

  constructor(
    private readonly kept: readonly Buffer[],
    private readonly request: IncomingMessage,
  ) {
    super();
    // An attempt that fails before it reads lets go of its body, which may still have to be told that the form is refused.
    this.on('error', () => undefined);
  }

  /** Null: no more comes. */
  pass(chunk: Buffer | null): void {
    if (!this.destroyed && !this.push(chunk)) this.request.pause();
  }

  override _read(): void {
    while (this.at < this.kept.length) if (!this.push(this.kept[this.at++])) return;
    this.request.resume();
  }
}

/** The same bytes but for a range. */
function spliced(chunks: readonly Buffer[], range: { start: number; end: number }, replacement: Buffer): Buffer[] {
  const result: Buffer[] = [];
  let offset = 0;
  for (const chunk of chunks) {
    const start = Math.min(Math.max(range.start - offset, 0), chunk.length);
    const end = Math.min(Math.max(range.end - offset, 0), chunk.length);
    if (start > 0) result.push(chunk.subarray(0, start));
    if (range.start >= offset && range.start < offset + chunk.length) result.push(replacement);
    if (end < chunk.length) result.push(chunk.subarray(end));
    offset += chunk.length;
  }
  return result;
}
