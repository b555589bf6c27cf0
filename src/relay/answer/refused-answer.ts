import { EVENT_STREAM } from '../../common/answer-opening';
import { firstEventData } from '../../common/first-event-data';
import type { UpstreamAnswer } from '../../health/verdict/verdict';
import { decodedBody } from './decoded-body';
import { clientHeaders, headerValue, recodedHeaders } from './relay-headers';
import { scrubbedBody } from './scrubbed-body';

/** An upstream's answer that is not plainly good, as far as it was read. */
export interface CollectedAnswer {
  readonly status: number;
  readonly rawHeaders: readonly Buffer[];
  readonly body: Buffer;
  /** False when it was cut off, by us or on the way. */
  readonly isWhole: boolean;
}

/** An answer in the form in which the client gets it. */
interface ForwardedAnswer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

const MOST_JUDGED_BYTES = 64 * 1024;
const BAD_REQUEST = 400;
const FORBIDDEN = 403;

/** A refusal of an upstream: read once, with the key masked wherever it is quoted, to be judged and perhaps passed on. */
export class RefusedAnswer {
  readonly status: number;
  /** What a verdict goes by. */
  readonly evidence: UpstreamAnswer;
  /** Null when it cannot be read, and so cannot be searched for the key. */
  private readonly body: Buffer | null;

  constructor(
    private readonly collected: CollectedAnswer,
    private readonly secret: string,
  ) {
    const { status, rawHeaders } = collected;
    this.status = status;
    this.body = this.readableBody();
    this.evidence = {
      status,
      header: (name) => headerValue(rawHeaders, name),
      body: this.body?.toString('utf8', 0, MOST_JUDGED_BYTES) ?? '',
    };
  }

  /** The status that fits the answer: an error never passes as a success, and 401 is about the client's token only. */
  get clientStatus(): number {
    const status = this.status >= BAD_REQUEST ? this.status : (this.statusInside() ?? BAD_REQUEST);
    return status === 401 ? FORBIDDEN : status;
  }

  /** The answer for the client; null when it was cut off or cannot be read. */
  forward(ownHeaders: readonly string[]): ForwardedAnswer | null {
    const { body, clientStatus: status } = this;
    if (!body || !this.collected.isWhole) return null;
    const { rawHeaders } = this.collected;
    const headers = clientHeaders({ rawHeaders, isEventStream: false }, ownHeaders, this.secret);
    const contentType = this.isEventStream ? 'application/json' : null;
    // What is the request's own fault stays so.
    return { status, headers: [...recodedHeaders(headers, body.length, contentType), 'x-should-retry', 'false'], body };
  }

  private get isEventStream(): boolean {
    return EVENT_STREAM.test(headerValue(this.collected.rawHeaders, 'content-type'));
  }

  private readableBody(): Buffer | null {
    const { rawHeaders, body, isWhole } = this.collected;
    const decoded = decodedBody(body, headerValue(rawHeaders, 'content-encoding'), isWhole);
    const scrubbed = decoded && scrubbedBody(decoded, this.secret);
    return scrubbed && this.isEventStream ? firstEventData(scrubbed) : scrubbed;
  }

  /** The status that an error within a 2xx answer gives for itself. */
  private statusInside(): number | null {
    const code = codeIn(this.evidence.body);
    return code !== null && code >= BAD_REQUEST && code < 600 ? code : null;
  }
}

function codeIn(body: string): number | null {
  try {
    const { error, code } = JSON.parse(body) as { error?: { code?: unknown } | string; code?: unknown };
    const stated = (typeof error === 'object' ? error.code : undefined) ?? code;
    const number = Number(stated);
    return Number.isInteger(number) ? number : null;
  } catch {
    return null;
  }
}
