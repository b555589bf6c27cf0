const VERSIONED = /\/v\d+$/;

/**
 * The path of an upstream request: the base URL's path and ours. A base that names a version itself
 * (`https://host/v1`, `https://host/api/paas/v4`) takes the place of our `/v1`.
 */
export function upstreamPath(basePath: string, path: string, query: string): string {
  const rest = VERSIONED.test(basePath) ? path.slice('/v1'.length) : path;
  return `${basePath}${rest}${query}`;
}
