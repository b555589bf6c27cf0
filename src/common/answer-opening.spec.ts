import fc from 'fast-check';
import { type Opening, openingOf } from './answer-opening';

const json = (text: string): Opening => openingOf(Buffer.from(text), false);
const events = (text: string): Opening => openingOf(Buffer.from(text), true);

describe(openingOf, () => {
  it.each([
    '{"error":{"message":"x"}}',
    '\n\t {\r\n "error" : "overloaded"',
    '{"error":"',
    '{"error":{',
    '{"error":true}',
    '{"error":nul0}',
    '{"object":"error","message":"x"}',
    '{"type":"error","error":{}}',
  ])('takes %j for an error', (text) => {
    expect(json(text)).toBe('error');
  });

  it.each([
    'ok',
    '[{"error":1}]',
    '"error"',
    '{}',
    '{"id":"chatcmpl-1","error":{"message":"x"}}',
    '{"error":null,"choices":[]}',
    '{"error": false}',
    '{"errors":[]}',
    '{"error" 1}',
    '{"object":"list"}',
    '{"object":"error-free"}',
    '{"object":{"error":1}}',
    '{"type":"message"}',
    '<html>',
  ])('takes %j for fine', (text) => {
    expect(json(text)).toBe('fine');
  });

  it.each(['', ' \n', '{', '{"', '{"err', '{"error"', '{"error" :', '{"error":nul', '{"type":"err'])(
    'waits for more after %j',
    (text) => {
      expect(json(text)).toBe('undecided');
    },
  );

  it.each([
    'event: error\n',
    ': hello\n\nid: 7\nretry: 10\nevent:error\r\n',
    'data: {"error":{"message":"x"}}\n\n',
    '\r\r: x\rdata:{"type":"error"',
    'event: message\ndata: {"object":"error"}',
    '{"error":{"message":"not even an event"}}',
  ])('takes an event stream that begins with %j for an error', (text) => {
    expect(events(text)).toBe('error');
  });

  it.each([
    'data: {"id":"1"}\n\ndata: {"error":{}}\n\n',
    'data: [DONE]\n\n',
    'data:\n\ndata: {"error":{}}',
    'event: message_start\ndata: {"type":"message_start"}\n\n',
    'data: {"error":null}\n\n',
  ])('takes an event stream that begins with %j for fine', (text) => {
    expect(events(text)).toBe('fine');
  });

  it.each([
    '',
    '\n\n',
    ': keep-alive\n\n: keep-alive\n\n',
    'event: error',
    'event: errors\n',
    'dat',
    'id: {"error":1}\n',
  ])('waits for more of an event stream after %j', (text) => {
    expect(events(text)).toBe('undecided');
  });

  it('decides the same wherever the bytes are cut, and never again', () => {
    const piece = fc.constantFrom(
      ...['{', '}', '"error"', '"object"', '"type"', ':', ' ', '\n', '\r\n', '\r', 'null', 'false', 'nul', '"er', '{}'],
      ...['data:', 'data: ', 'event: error', 'event: x', ': note', 'id: 1', '"id"', '1', 'ö', '[DONE]'],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.boolean(), (pieces, isEventStream) => {
        const whole = Buffer.from(pieces.join(''));
        const decided = new Set(
          Array.from({ length: whole.length + 1 }, (_, end) => openingOf(whole.subarray(0, end), isEventStream)),
        );
        decided.delete('undecided');
        expect([...decided]).toEqual(decided.size === 0 ? [] : [openingOf(whole, isEventStream)]);
      }),
      { numRuns: 2_000 },
    );
  });
});
