/** A path under /v1 that is answered. */
export interface RelayRoute {
  readonly method: 'GET' | 'POST';
  /** With a trailing `{…}` where the rest of the path, slashes included, is a parameter. */
  readonly path: string;
  /** `relay`: goes to an upstream by the body's `model`. The others are answered from memory. */
  readonly kind: 'relay' | 'list-models' | 'get-model';
  readonly summary: string;
  /** A body that works against any upstream; for the documentation. */
  readonly example?: object;
  readonly canStream?: boolean;
}

/** The route at a path, and the raw text that stands for its parameter; empty when it has none. */
export interface FoundRoute {
  readonly route: RelayRoute;
  readonly parameter: string;
}

/** Every route of the relay; the handler serves from this table and Swagger documents it. */
export const RELAY_ROUTES: readonly RelayRoute[] = [
  {
    method: 'POST',
    path: '/v1/chat/completions',
    kind: 'relay',
    summary: 'Chat completion',
    example: { model: 'gpt-3.5-turbo', messages: [{ role: 'user', content: 'Hello!' }] },
    canStream: true,
  },
  {
    method: 'POST',
    path: '/v1/completions',
    kind: 'relay',
    summary: 'Text completion',
    example: { model: 'gpt-3.5-turbo-instruct', prompt: 'Hello' },
    canStream: true,
  },
  {
    method: 'POST',
    path: '/v1/embeddings',
    kind: 'relay',
    summary: 'Embeddings',
    example: { model: 'text-embedding-3-small', input: 'Hello' },
  },
  { method: 'GET', path: '/v1/models', kind: 'list-models', summary: 'Models that this token may use' },
  { method: 'GET', path: '/v1/models/{model}', kind: 'get-model', summary: 'One model' },
];

const PARAMETER = /\{.+\}$/;
const exactRoutes = new Map(
  RELAY_ROUTES.filter(({ path }) => !PARAMETER.test(path)).map((route) => [route.path, route]),
);
const openRoutes = RELAY_ROUTES.filter(({ path }) => PARAMETER.test(path)).map((route) => ({
  route,
  prefix: route.path.replace(PARAMETER, ''),
}));

/** Null when there is nothing at this path, whatever the method. */
export function findRoute(path: string): FoundRoute | null {
  const exact = exactRoutes.get(path);
  if (exact) return { route: exact, parameter: '' };
  for (const { route, prefix } of openRoutes) {
    if (path.length > prefix.length && path.startsWith(prefix)) return { route, parameter: path.slice(prefix.length) };
  }
  return null;
}
