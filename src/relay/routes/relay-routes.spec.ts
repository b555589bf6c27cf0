import { findRoute, RELAY_ROUTES } from './relay-routes';

describe(findRoute, () => {
  it('finds every route of the table by its own path', () => {
    for (const route of RELAY_ROUTES) expect(findRoute(route.path.replace(/\{.*\}/, 'x'))?.route).toBe(route);
  });

  it('takes the rest of the path, slashes included, as the parameter', () => {
    expect(findRoute('/v1/models/org/model-1')?.parameter).toBe('org/model-1');
  });

  it.each(['/v1', '/v1/', '/v1/models/', '/v1/chat', '/v1/chat/completions/', '/v1//chat/completions', '/v1/files'])(
    'knows no %s',
    (path) => {
      expect(findRoute(path)).toBeNull();
    },
  );
});
