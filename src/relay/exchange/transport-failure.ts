/** Why no answer came, or none to its end. */
export interface TransportFailure {
  /** As undici or Node.js name the error; empty when they do not. */
  readonly code: string;
  /** The request had gone out: the upstream may have acted on it. */
  readonly wasSent: boolean;
}

const CUT_SHORT = 'KEYMUX_ANSWER_CUT_SHORT';
const BODY_TIMEOUT = 'UND_ERR_BODY_TIMEOUT';
const TIMEOUTS = ['UND_ERR_HEADERS_TIMEOUT', BODY_TIMEOUT, 'UND_ERR_CONNECT_TIMEOUT'];
const OUR_OWN = ['UND_ERR_ABORTED', 'UND_ERR_DESTROYED', 'UND_ERR_CLOSED'];

/** An answer came to an end before it was whole, though its connection did not break. */
export const CUT: TransportFailure = { code: CUT_SHORT, wasSent: true };

/** An answer fell silent, by our own clock. */
export const SILENCE: TransportFailure = { code: BODY_TIMEOUT, wasSent: true };

export function transportFailure(error: unknown, wasSent: boolean): TransportFailure {
  const code = (error as { code?: unknown } | null)?.code;
  return { code: typeof code === 'string' ? code : '', wasSent };
}

export function isTimeout({ code }: TransportFailure): boolean {
  return TIMEOUTS.includes(code);
}

/** Whether it was this program that let go, as it does when it stops: that says nothing about an upstream. */
export function isOurOwn({ code }: TransportFailure): boolean {
  return OUR_OWN.includes(code);
}
