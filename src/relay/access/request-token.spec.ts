import { requestToken } from './request-token';

describe(requestToken, () => {
  it.each([
    [['Authorization', 'Bearer t']],
    [['AUTHORIZATION', 'bearer   t']],
    [['authorization', 't']],
    [['X-Api-Key', 't']],
    [['api-key', 't']],
    [['x-goog-api-key', 't']],
    [['Authorization', 'Bearer t', 'x-api-key', 't']],
  ])('finds the token in %j', (headers) => {
    expect(requestToken(headers)).toBe('t');
  });

  it('finds nothing where there is nothing', () => {
    expect(requestToken(['Host', 'x'])).toBe('');
    expect(requestToken(['Authorization', 'Bearer ', 'x-api-key', ''])).toBe('');
  });

  it('refuses different ones', () => {
    expect(requestToken(['Authorization', 'Bearer t', 'x-api-key', 'u'])).toBeNull();
    expect(requestToken(['Authorization', 'Bearer t', 'Authorization', 'Bearer u'])).toBeNull();
  });
});
