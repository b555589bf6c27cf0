import { findRoute } from './find-route';
import { RELAY_ROUTES } from './relay-routes';

describe(findRoute, () => {
  it('finds every route of the table by its own method and path', () => {
    for (const route of RELAY_ROUTES) {
      expect(findRoute(route.method, route.path.replace(/\{.*\}/, 'x'))).toMatchObject({ route });
    }
  });

  it.each([
    ['/v1/models/org/model-1', '/v1/models/{model}', 'org/model-1'],
    ['/v1/models/responses/cancel', '/v1/models/{model}', 'responses/cancel'],
    ['/v1beta/models/tuned/one', '/v1beta/models/{model}', 'tuned/one'],
  ])('takes the rest of %s, slashes included, as the parameter', (path, of, parameter) => {
    expect(findRoute('GET', path)).toMatchObject({ route: { path: of }, parameter });
  });

  it('tells what belongs to an object from its id', () => {
    expect(findRoute('GET', '/v1/responses/resp_1')).toMatchObject({ parameter: 'resp_1' });
    expect(findRoute('POST', '/v1/responses/resp_1/cancel')).toMatchObject({ parameter: 'resp_1' });
    expect(findRoute('GET', '/v1/responses/resp_1/cancel/x')).toBeNull();
  });

  it('takes the action after the last colon of a Gemini model', () => {
    expect(findRoute('POST', '/v1beta/models/a:b:generateContent')).toMatchObject({ parameter: 'a:b' });
    expect(findRoute('POST', '/v1beta/models/gemini:fly')).toEqual(['GET']);
  });

  it('names the methods that a path takes instead', () => {
    expect(findRoute('GET', '/v1/chat/completions')).toEqual(['POST']);
    expect(findRoute('PUT', '/v1/responses/resp_1')).toEqual(['GET', 'DELETE']);
  });

  it('answers HEAD where a GET is answered from memory, and nowhere else', () => {
    expect(findRoute('HEAD', '/v1/models')).toMatchObject({ route: { kind: 'list-models' } });
    expect(findRoute('HEAD', '/v1/responses/resp_1')).toEqual(['GET', 'DELETE']);
  });

  it.each(['/v1/', '/v1/models/', '/v1/chat', '/v1/chat/completions/', '/v1//chat/completions', '/v1/files'])(
    'knows no %s',
    (path) => {
      expect(findRoute('POST', path)).toBeNull();
    },
  );
});
