import { AppUnderTest } from '../support/app-under-test';
import { runSql } from '../support/database-rows';
import { callHttp, type HttpAnswer } from '../support/http-call';
import { fillRequestLog } from '../support/request-log-rows';
import { insertLog } from '../support/usage-rows';

/** Unix seconds; recent, so that nothing comes of age meanwhile. */
const THEN = Math.floor(Date.now() / 1000) - 86_400;
const at = (seconds: number): Date => new Date((THEN + seconds) * 1000);

describe('the request log as a file', () => {
  let app: AppUnderTest;

  beforeAll(async () => {
    app = await AppUnderTest.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  beforeEach(async () => {
    await runSql(app.databaseUrl, 'TRUNCATE request_logs');
  });

  const insert = (fields: object): Promise<number> => insertLog(app.databaseUrl, { ...fields });

  async function download(query = ''): Promise<HttpAnswer> {
    const headers = { authorization: `Bearer ${app.adminToken}` };
    return callHttp(app.baseUrl, { path: `/api/log/export${query}`, headers });
  }

  function idsOf({ text }: HttpAnswer): number[] {
    return text
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: number }).id);
  }

  it('is CSV with a header line unless NDJSON is asked for', async () => {
    const id = await insert({ created_at: at(0), model: 'a "b", c', key_id: 9, attempts: [{ key_id: 9 }] });
    const { status, headers, text } = await download();
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(headers.get('content-disposition')).toBe('attachment; filename="request-log.csv"');
    const [header = '', line, end] = text.split('\r\n');
    expect(header.split(',').slice(0, 3)).toEqual(['id', 'request_id', 'created_at']);
    expect(line).toBe(
      `${id},request-0001,${THEN},1,a client,,9,,,"a ""b"", c",,/v1/chat/completions,false,200,done,,,,false,950,,"[{""key_id"":9}]"`,
    );
    expect(end).toBe('');
  });

  it('is NDJSON with the items of the list', async () => {
    for (let i = 0; i < 3; i++) await insert({ created_at: at(i) });
    const { headers, text } = await download('?format=ndjson');
    expect(headers.get('content-type')).toBe('application/x-ndjson');
    expect(headers.get('content-disposition')).toBe('attachment; filename="request-log.ndjson"');
    const items = text.trimEnd().split('\n');
    expect(items.map((line) => JSON.parse(line) as unknown)).toEqual(
      (await app.admin.get<{ items: object[] }>('/api/log')).data.items,
    );
  });

  it('takes the filters of the list', async () => {
    const id = await insert({ status: 429, model: 'gpt-5', key_id: 9 });
    await insert({ status: 429, model: 'gpt-5' });
    await insert({ status: 429, key_id: 9 });
    expect(idsOf(await download('?format=ndjson&status=429&model=gpt-5&key_id=9'))).toEqual([id]);
  });

  it('is whole and empty when there is nothing', async () => {
    expect(await download('?format=ndjson')).toMatchObject({ status: 200, text: '' });
    expect((await download()).text).toMatch(/^id,[a-z_,]+attempts\r\n$/);
  });

  it('keeps what callers chose from being a formula', async () => {
    await insert({ model: '=HYPERLINK("http://x","y")', path: '@SUM(A1)', token_name: '-1+2' });
    const { text } = await download();
    expect(text).toContain(`"'=HYPERLINK(""http://x"",""y"")"`);
    expect(text).toContain(",'@SUM(A1),");
    expect(text).toContain(",'-1+2,");
  });

  it('holds every request once, however many pages it takes', async () => {
    await fillRequestLog(app.databaseUrl, { last: 12_345 });
    const lines = (await download()).text.split('\r\n').slice(1, -1);
    expect(new Set(lines.map((line) => line.split(',')[0])).size).toBe(12_345);
    expect(lines).toHaveLength(12_345);
  });

  it('ends at the limit, and goes on after the last id', async () => {
    await fillRequestLog(app.databaseUrl, { last: 2_500 });
    const first = idsOf(await download('?format=ndjson&limit=2000'));
    const rest = idsOf(await download(`?format=ndjson&limit=2000&after_id=${first.at(-1)}`));
    expect([first.length, rest.length]).toEqual([2_000, 500]);
    expect(new Set([...first, ...rest]).size).toBe(2_500);
  });

  it.each(['format=xlsx', 'limit=1000001', 'format='])('is refused for the query %s', async (query) => {
    expect(await app.admin.get(`/api/log/export?${query}`)).toMatchObject({
      status: 400,
      code: 'VALIDATION_FAILED',
    });
  });
});
