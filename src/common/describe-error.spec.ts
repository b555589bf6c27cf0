import { describeError } from './describe-error';

describe(describeError, () => {
  it('names the error and where it was thrown, without its message', () => {
    const described = describeError(new TypeError('invalid header "Bearer sk-canary\n at sk-canary"'));
    expect(described).toMatch(/^TypeError at .*describe-error\.spec/);
    expect(described).not.toContain('canary');
  });

  it('shows nothing of what is no error', () => {
    expect(describeError('sk-canary')).toBe('string');
  });
});
