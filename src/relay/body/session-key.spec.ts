import { sessionKey } from './session-key';

const keyOf = (body: object | string, headers: string[] = []): string | null =>
  sessionKey(headers, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));

const system = { role: 'system', content: 'You are terse.' };
const first = { role: 'user', content: 'Hello' };
const later = [
  { role: 'assistant', content: 'Hi' },
  { role: 'user', content: 'And now?' },
];

describe(sessionKey.name, () => {
  it('is a short digest from which nothing can be read', () => {
    expect(keyOf({ user: 'alice@example.com' })).toMatch(/^[\w-]{22}$/);
  });

  it('takes the first of header, cache key, user, Anthropic user, previous response and opening', () => {
    const body = {
      prompt_cache_key: 'a',
      user: 'a',
      metadata: { user_id: 'a' },
      previous_response_id: 'a',
      messages: [first],
    };
    const names = ['prompt_cache_key', 'user', 'metadata', 'previous_response_id', 'messages'];
    const keys = [keyOf(body, ['Accept', '*/*', 'X-Session-Id', 'a'])];
    for (let left = 0; left < names.length; left++) {
      const fields = Object.entries(body).slice(left);
      const key = keyOf(Object.fromEntries(fields));
      expect(keyOf(Object.fromEntries(fields.slice(0, 1)))).toBe(key);
      keys.push(key);
    }
    expect(new Set(keys).size).toBe(names.length + 1);
    expect(keys).not.toContain(null);
  });

  it('passes over names that are empty or no text', () => {
    const opening = keyOf({ messages: [first] });
    const nameless = { prompt_cache_key: '', user: null, metadata: { user_id: 5 }, previous_response_id: {} };
    expect(keyOf({ ...nameless, messages: [first] }, ['x-session-id', ''])).toBe(opening);
    expect(keyOf({ metadata: 'x', messages: [first] })).toBe(opening);
    expect(keyOf({ messages: [first] }, ['x-other', 'x-session-id'])).toBe(opening);
  });

  it('knows requests without a body by their header alone', () => {
    expect(sessionKey(['x-session-id', 'a'], null)).toBe(keyOf({ user: 'b' }, ['X-SESSION-ID', 'a']));
    expect(sessionKey([], null)).toBeNull();
  });

  it.each<[string, object, object]>([
    ['chat', { messages: [system, first] }, { messages: [system, first, ...later], temperature: 1 }],
    ['chat without a preface', { messages: [first] }, { messages: [first, ...later] }],
    ['responses', { instructions: 'a', input: [first] }, { input: [first, ...later], instructions: 'a' }],
    ['a text as input', { input: 'a' }, { input: 'a', stream: true }],
    [
      'messages',
      { system: [{ text: 'a' }], messages: [first] },
      { system: [{ text: 'a' }], messages: [first, ...later] },
    ],
    [
      'Gemini',
      { systemInstruction: { parts: [] }, contents: [first] },
      { systemInstruction: { parts: [] }, contents: [first, ...later] },
    ],
  ])('stays the same in later turns of %s', (_, opening, turn) => {
    expect(keyOf(opening)).not.toBeNull();
    expect(keyOf(turn)).toBe(keyOf(opening));
  });

  it('tells conversations apart by what they open with', () => {
    const other = { role: 'user', content: 'Good evening' };
    const bodies = [
      { messages: [first] },
      { messages: [other] },
      { messages: [system, first] },
      { messages: [system, other] },
      { messages: [{ ...system, role: 'developer' }, first] },
      { messages: [system] },
      { instructions: 'a', input: [first] },
      { instructions: 'b', input: [first] },
    ];
    expect(new Set(bodies.map((body) => keyOf(body))).size).toBe(bodies.length);
  });

  it('knows no session where there is no name and no opening', () => {
    for (const body of ['{}', '{"messages":[]}', '{"messages":null,"prompt":"x"}']) expect(keyOf(body)).toBeNull();
  });

  it('takes the length of what is too long to be hashed whole', () => {
    const image = 'iVBORw0K'.repeat(1_000_000);
    const body = (url: string): object => ({ messages: [{ role: 'user', content: [{ url }] }] });
    expect(keyOf(body(image))).toBe(keyOf(body(image)));
    expect(keyOf(body(`${image}A`))).not.toBe(keyOf(body(image)));
  });
});
