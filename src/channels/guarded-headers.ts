/** Headers about one connection (RFC 9110, 7.6.1), which never travel on. */
export const HOP_BY_HOP_HEADERS: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Headers that carry credentials of somebody's; a channel's key goes into one of them. */
export const CREDENTIAL_HEADERS: readonly string[] = [
  'authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'x-auth-token',
  'x-amz-security-token',
  'ocp-apim-subscription-key',
  'cookie',
];

const ORIGIN_HEADERS: ReadonlySet<string> = new Set([
  'forwarded',
  'via',
  'cdn-loop',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'true-client-ip',
  'fastly-client-ip',
  'x-original-forwarded-for',
  'x-original-url',
  'x-original-host',
  'x-rewrite-url',
  'x-http-method-override',
]);

/** Whether a header, in lower case, says where a request came from or what it was on the way. */
export function tellsOrigin(name: string): boolean {
  return name.startsWith('x-forwarded-') || name.startsWith('cf-') || ORIGIN_HEADERS.has(name);
}
