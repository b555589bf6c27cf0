import { isOurOwn, isTimeout, transportFailure } from './transport-failure';

const failure = (code: unknown): ReturnType<typeof transportFailure> => transportFailure({ code }, true);

describe(transportFailure, () => {
  it('takes the code of an error, whatever was thrown', () => {
    expect(failure('ECONNRESET')).toEqual({ code: 'ECONNRESET', wasSent: true });
    for (const error of [null, undefined, 'text', new Error('without a code'), { code: 7 }]) {
      expect(transportFailure(error, false)).toEqual({ code: '', wasSent: false });
    }
  });

  it('tells silence from trouble', () => {
    expect(isTimeout(failure('UND_ERR_HEADERS_TIMEOUT'))).toBe(true);
    expect(isTimeout(failure('ECONNREFUSED'))).toBe(false);
  });

  it('knows when it was this program that let go', () => {
    for (const code of ['UND_ERR_ABORTED', 'UND_ERR_DESTROYED', 'UND_ERR_CLOSED']) {
      expect(isOurOwn(failure(code))).toBe(true);
    }
    expect(isOurOwn(failure('UND_ERR_SOCKET'))).toBe(false);
  });
});
