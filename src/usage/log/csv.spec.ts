import { csvRecord } from './csv';

describe(csvRecord.name, () => {
  it('writes texts, numbers, truth values and nothing at all', () => {
    expect(csvRecord(['a b', 1.5, -2, true, null, ''])).toBe('a b,1.5,-2,true,,\r\n');
  });

  it('quotes what holds a comma, a quote or an end of line', () => {
    expect(csvRecord(['a,b', 'say "x"', 'one\ntwo', 'one\rtwo'])).toBe('"a,b","say ""x""","one\ntwo","one\rtwo"\r\n');
  });

  it('writes an object as JSON', () => {
    expect(csvRecord([[{ status: 200, verdict: null }], []])).toBe('"[{""status"":200,""verdict"":null}]",[]\r\n');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1'])('keeps %j from being a formula', (text) => {
    const [cell = ''] = csvRecord([text]).split('\r\n').slice(0, 1);
    expect(cell.replace(/^"/, '')).toMatch(/^'/);
  });

  it('leaves the same characters alone where they open nothing', () => {
    expect(csvRecord(['gpt-4o', 'a=b', ' x'])).toBe('gpt-4o,a=b, x\r\n');
  });
});
