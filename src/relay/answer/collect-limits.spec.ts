import { collectLimits } from './collect-limits';

describe(collectLimits, () => {
  it.each([400, 404, 405, 406, 411, 413, 414, 415, 416, 417, 418, 422, 424, 431])(
    'takes its time with a %i, which the client is to read whole',
    (status) => {
      expect(collectLimits(status)).toEqual({ mostBytes: 1024 * 1024, longestMs: 30_000 });
    },
  );

  it.each([200, 299, 301, 307, 401, 402, 403, 407, 408, 409, 425, 429, 451, 500, 503, 529])(
    'reads only the beginning of a %i, for which another attempt waits',
    (status) => {
      expect(collectLimits(status)).toEqual({ mostBytes: 64 * 1024, longestMs: 2_000 });
    },
  );
});
