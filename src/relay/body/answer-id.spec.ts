import fc from 'fast-check';
import { answerId } from './answer-id';

const json = (text: string): string | null => answerId(Buffer.from(text), false);
const events = (text: string): string | null => answerId(Buffer.from(text), true);

const created = '{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response"}}';

describe(answerId.name, () => {
  it.each([
    ['{"id":"resp_68-a.b","object":"response"}', 'resp_68-a.b'],
    [' {\n "object" : "response", "output":[{"id":"msg_1"}], "id" : "resp_1"', 'resp_1'],
    ['{"metadata":{"id":"x"},"id":"msgbatch_1","results":[{"a"', 'msgbatch_1'],
  ])('reads the id of %s', (text, id) => {
    expect(json(text)).toBe(id);
  });

  it.each(
    [
      ['', '{', '[]', '{}', 'null', '{"object":"response"}', '[{"id":"resp_1"}]', '{"response":{"id":"resp_1"}}'],
      ['{"id":"resp_1', '{"id":', '{"id":null}', '{"id":1}', '{"id":""}', '{"id":"a b"}', '{"id":"a/../b"}'],
      ['{"id":"a\\u0062"}', '{"id":"模"}', '{"id":["a"]}', `{"id":"${'a'.repeat(201)}"}`, 'data: {"id":"x"}'],
    ].flat(),
  )('finds no id in %s', (text) => {
    expect(json(text)).toBeNull();
  });

  it('takes an id of 200 characters', () => {
    expect(json(`{"id":"${'a'.repeat(200)}"}`)).toBe('a'.repeat(200));
  });

  it.each([
    [`data: ${created}\n\n`],
    [`: hello\r\n\r\nevent: response.created\r\ndata:${created}\r\n\r\ndata: {"type":"x","response":{"id":"no"}}`],
    [`data: {"type":"ping","response":{"id":"no"}}\n\ndata: ${created}`],
    ['data: {"type":"response.created","response":{"instructions":"a","id":"resp_1","tools":[{"type":"func'],
    ['data: {"response":{"id":"resp_1"},"type":"response.created"}\n\n'],
  ])('reads the id of the response that %j begins', (text) => {
    expect(events(text)).toBe('resp_1');
  });

  it.each(
    [
      ['', 'data:', 'data: [DONE]', 'data: {"id":"resp_1"}', 'event: response.created\n\n', created],
      ['data: {"type":"response.created","id":"x"}', 'data: {"type":"response.created","response":"resp_1"}'],
      ['data: {"type":"response.created","response":{"id":"resp_1', 'data: {"type":"response.created","response":{}}'],
      ['data: {"type":"response.created","response":{"tools":[\ndata: 1],"id":"resp_1"}}'],
    ].flat(),
  )('finds no id in the events %j', (text) => {
    expect(events(text)).toBeNull();
  });

  it('tells the id once it is there, and never another', () => {
    for (const [text, isEventStream] of [
      [`{"id":"resp_1","a":{"id":"b"}}`, false],
      [`data: ${created}\n\n`, true],
    ] as const) {
      const complete = text.indexOf('resp_1"') + 'resp_1"'.length;
      for (let end = 0; end <= text.length; end++) {
        expect(answerId(Buffer.from(text.slice(0, end)), isEventStream)).toBe(end < complete ? null : 'resp_1');
      }
    }
  });

  it('never throws', () => {
    const bytes = fc.array(fc.constantFrom(...Buffer.from('{}[]"\\:,id \ndata:resp')), { maxLength: 60 });
    fc.assert(
      fc.property(fc.oneof(bytes, fc.array(fc.nat(255))), fc.boolean(), (head, isEventStream) => {
        expect(answerId(Buffer.from(head), isEventStream) ?? 'a').toMatch(/^[\w.-]{1,200}$/);
      }),
    );
  });
});
