import { pageQuery, readModelPage } from './model-page';

const SECRET = 'sk-1234567890abcdef';
const read = (dialect: Parameters<typeof readModelPage>[0], body: unknown) =>
  readModelPage(dialect, JSON.stringify(body), SECRET);

describe(readModelPage, () => {
  it('reads the one list of OpenAI and those like it', () => {
    const body = { object: 'list', data: [{ id: 'gpt-4o' }, { id: 'o1' }], has_more: true, last_id: 'o1' };
    expect(read('openai', body)).toEqual({ names: ['gpt-4o', 'o1'], cursor: null });
  });

  it('reads a page of Anthropic and where the next one begins', () => {
    const page = { data: [{ type: 'model', id: 'claude-sonnet-5' }], first_id: 'a', last_id: 'b' };
    expect(read('anthropic', { ...page, has_more: true })).toEqual({ names: ['claude-sonnet-5'], cursor: 'b' });
    expect(read('anthropic', { ...page, has_more: false })).toMatchObject({ cursor: null });
  });

  it('reads a page of Gemini, and the list of its OpenAI-compatible path', () => {
    const body = { models: [{ name: 'models/gemini-2.5-pro' }], nextPageToken: 'next' };
    expect(read('gemini', body)).toEqual({ names: ['gemini-2.5-pro'], cursor: 'next' });
    expect(read('gemini', { data: [{ id: 'models/gemini-2.5-pro' }] })).toEqual({
      names: ['gemini-2.5-pro'],
      cursor: null,
    });
  });

  it('leaves out what no channel can hold, and what quotes the key', () => {
    const data = [
      { id: '' },
      { id: 'a'.repeat(201) },
      { id: 7 },
      null,
      'x',
      {},
      { id: `of ${SECRET}` },
      { id: 'good' },
    ];
    expect(read('openai', { data })).toMatchObject({ names: ['good'] });
  });

  it('takes nothing else for a list', () => {
    for (const body of [{}, [], null, 'text', { data: {} }, { error: { message: 'no' } }]) {
      expect(read('openai', body)).toBeNull();
    }
    expect(readModelPage('openai', '<html>', SECRET)).toBeNull();
  });
});

describe(pageQuery, () => {
  it('asks each provider for large pages in its own words, and OpenAI for nothing', () => {
    expect(pageQuery('openai', null)).toBe('');
    expect(pageQuery('anthropic', null)).toBe('?limit=1000');
    expect(pageQuery('anthropic', 'claude 3')).toBe('?limit=1000&after_id=claude%203');
    expect(pageQuery('gemini', 'a+b')).toBe('?pageSize=1000&pageToken=a%2Bb');
  });
});
