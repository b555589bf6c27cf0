import { isSecretToken, issueSecretToken } from './secret-token';

describe(issueSecretToken, () => {
  it('matches the published form and its own checksum', () => {
    const token = issueSecretToken('sk-km-');
    expect(token).toMatch(/^sk-km-[0-9A-Za-z]{36}$/);
    expect(isSecretToken(token, 'sk-km-')).toBe(true);
  });

  it('never repeats itself', () => {
    const tokens = new Set(Array.from({ length: 5_000 }, () => issueSecretToken('sk-km-')));
    expect(tokens.size).toBe(5_000);
  });
});

describe(isSecretToken, () => {
  it('refuses a token with one character changed, cut off or added', () => {
    const token = issueSecretToken('sk-km-');
    const changed = token.slice(0, 10) + (token[10] === 'A' ? 'B' : 'A') + token.slice(11);
    for (const wrong of [changed, token.slice(0, -1), `${token}x`, ''])
      expect(isSecretToken(wrong, 'sk-km-')).toBe(false);
  });

  it('refuses a token of another kind', () => {
    expect(isSecretToken(issueSecretToken('km-admin-'), 'sk-km-')).toBe(false);
  });
});
