import type { UpstreamAllow } from '../config/upstream-allow';
import { BaseUrlRefusedError } from './channels.errors';

const LONGEST_BASE_URL = 2000;
/** What is copied along from an example of a call. */
const CALL_PATH = /\/(?:completions|embeddings|responses|messages|models|deployments\/[^/]+)$/;

/** The form in which a base URL is stored: no trailing slash. Throws a `BaseUrlRefusedError` that says what is wrong. */
export function acceptBaseUrl(text: string, allow: UpstreamAllow): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url) throw new BaseUrlRefusedError('base_url must be a URL such as https://api.openai.com');
  const problem = allow.problemWith(url);
  if (problem !== null) throw new BaseUrlRefusedError(problem);
  const accepted = `${url.origin}${url.pathname}`.replace(/\/+$/, '');
  if (CALL_PATH.test(accepted))
    throw new BaseUrlRefusedError('base_url must end before the path of a call, as in https://host/v1');
  if (accepted.length > LONGEST_BASE_URL)
    throw new BaseUrlRefusedError(`base_url is longer than ${LONGEST_BASE_URL} characters`);
  return accepted;
}

export function haveSameOrigin(one: string, other: string): boolean {
  return new URL(one).origin === new URL(other).origin;
}
