import { RELAY_ROUTES, type RelayRoute } from './relay-routes';

/** A route, and the raw text that stands for its parameter; empty when it has none. */
export interface FoundRoute {
  readonly route: RelayRoute;
  readonly parameter: string;
}

/** The routes of one path, and what of its text stands before and after the parameter. */
interface OpenPath {
  readonly prefix: string;
  readonly suffix: string;
  readonly mayHoldSlashes: boolean;
  readonly routes: readonly RelayRoute[];
}

const PARAMETER = /\{.+\}/;

const routesByPath = new Map<string, RelayRoute[]>(RELAY_ROUTES.map(({ path }) => [path, []]));
for (const route of RELAY_ROUTES) routesByPath.get(route.path)?.push(route);
const exactPaths = new Map([...routesByPath].filter(([path]) => !PARAMETER.test(path)));
/** Those that end in a fixed text come before those that take any end. */
const openPaths = [...routesByPath]
  .filter(([path]) => PARAMETER.test(path))
  .map(([path, routes]): OpenPath => {
    const [prefix = '', suffix = ''] = path.split(PARAMETER);
    return { prefix, suffix, mayHoldSlashes: path.includes('{model}'), routes };
  })
  .sort((one, other) => other.suffix.length - one.suffix.length);

/** What a path takes: the route for this method, else the methods that it does take; null when there is nothing at all. */
export function findRoute(method: string, path: string): FoundRoute | readonly string[] | null {
  const exact = exactPaths.get(path);
  if (exact) return ofMethod(exact, method, '');
  for (const { prefix, suffix, mayHoldSlashes, routes } of openPaths) {
    const end = path.length - suffix.length;
    if (end <= prefix.length || !path.startsWith(prefix) || !path.endsWith(suffix)) continue;
    const parameter = path.slice(prefix.length, end);
    if (mayHoldSlashes || !parameter.includes('/')) return ofMethod(routes, method, parameter);
  }
  return null;
}

function ofMethod(routes: readonly RelayRoute[], method: string, parameter: string): FoundRoute | readonly string[] {
  // What is answered from memory has an answer without a body, too.
  const route = routes.find(
    (known) => known.method === method || (method === 'HEAD' && known.method === 'GET' && known.kind !== 'object'),
  );
  return route ? { route, parameter } : routes.map((known) => known.method);
}
