import { maskSecret } from './mask-secret';

describe(maskSecret, () => {
  it('shows the first seven and the last four characters of a long key', () => {
    expect(maskSecret('sk-1234567890abcdef1234567890abcdef')).toBe('sk-1234...cdef');
  });

  it('shows only the last two characters of a key shorter than twenty', () => {
    expect(maskSecret('sk-1234567890abcdef')).toBe('***ef');
    expect(maskSecret('x')).toBe('***x');
  });

  it('shows no control character of a key', () => {
    expect(maskSecret(`sk-\r\n567${'x'.repeat(20)}`)).toBe('sk-??56...xxxx');
  });
});
