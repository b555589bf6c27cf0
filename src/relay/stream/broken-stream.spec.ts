import { EventTap } from './event-tap';
import { errorEvent } from './broken-stream';

const json = '{"error":{"message":"The upstream broke off"}}';

describe(errorEvent, () => {
  it('is one event in the form of the dialect', () => {
    expect(errorEvent('openai', json, true)).toBe(`data: ${json}\n\n`);
    expect(errorEvent('gemini', json, true)).toBe(`data: ${json}\n\n`);
    expect(errorEvent('anthropic', json, true)).toBe(`event: error\ndata: ${json}\n\n`);
  });

  it('stands alone wherever the stream broke off', () => {
    const text = 'event: x\r\ndata: {"a":1}\r\n\r\n';
    for (let cut = 0; cut <= text.length; cut++) {
      const broken = new EventTap({ dropsUsage: false });
      broken.pass(Buffer.from(text.slice(0, cut)));
      broken.pass(Buffer.from(errorEvent('anthropic', json, broken.isAtBoundary)));
      expect([broken.errorEvent?.toString(), broken.isAtBoundary]).toEqual([json, true]);
    }
  });
});
