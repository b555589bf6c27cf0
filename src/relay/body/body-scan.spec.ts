import fc from 'fast-check';
import { MAX_JSON_DEPTH, scanBody } from './body-scan';
import type { BodyFault, ScannedBody } from './body-scan';

const scan = (json: string): ScannedBody | BodyFault => scanBody(Buffer.from(json));
const nested = (depth: number, open: string, middle: string, close: string): string =>
  open.repeat(depth) + middle + close.repeat(depth);

function accepted(body: string | Buffer): ScannedBody {
  const scanned = scanBody(Buffer.from(body));
  if (typeof scanned === 'string') throw new Error(scanned);
  return scanned;
}

/** What JSON.parse makes of the bytes, undefined when they are not JSON. */
function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    return undefined;
  }
}

/** The document with every string emptied: what must parse whatever stands inside the strings. */
const skeletonOf = (body: Buffer): string => body.toString('latin1').replace(/"(?:[^"\\]|\\[^])*"/g, '""');

/** Prints JSON with white space and escapes where the style says so; the style is read in a circle. */
function print(value: unknown, style: number[]): string {
  let turn = 0;
  const next = (): number => style[turn++ % style.length] ?? 0;
  const space = (): string => ['', '', '', ' ', '\n\t', '\r\n  '][next() % 6] ?? '';
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const plain = (character: string): string => JSON.stringify(character).slice(1, -1);
  const text = (raw: string): string =>
    `"${Array.from(raw, (one) => (next() % 7 === 1 ? one.replace(/[^]/g, escaped) : plain(one))).join('')}"`;
  const any = (item: unknown): string => {
    if (typeof item === 'string') return text(item);
    if (item === null || typeof item !== 'object') return JSON.stringify(item);
    const open = Array.isArray(item) ? '[' : '{';
    const inner = Array.isArray(item)
      ? item.map(any)
      : Object.entries(item).map(([key, of]) => `${text(key)}${space()}:${space()}${any(of)}`);
    return open + space() + inner.join(`${space()},${space()}`) + space() + (open === '[' ? ']' : '}');
  };
  return space() + any(value) + space();
}

const anyText = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('model', 'stream', '"\\', '\\'));
const otherKey = anyText.filter((key) => !/^(model|stream)$/i.test(key));
const lookalikes = fc.dictionary(fc.constantFrom('model', 'stream', 'a'), anyText);
const others = fc.dictionary(otherKey, fc.oneof(fc.jsonValue(), lookalikes, fc.array(lookalikes)));
const fields = fc.record({ model: anyText, stream: fc.constantFrom(true, false, null) }, { requiredKeys: [] });
const requestObject = fc
  .tuple(others, fields, others)
  .map(([before, both, after]) => ({ ...before, ...both, ...after }));
const style = fc.array(fc.nat(41), { minLength: 1, maxLength: 40 });
const document = fc.tuple(requestObject, style).map(([value, how]) => print(value, how));

const damage = fc.record({
  kind: fc.constantFrom('delete', 'insert', 'replace'),
  place: fc.double({ min: 0, max: 1, noNaN: true }),
  byte: fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('{}[]"\\:,0-.eE u\n'))),
});

function damaged(body: Buffer, { kind, place, byte }: { kind: string; place: number; byte: number }): Buffer {
  const at = Math.floor(place * body.length);
  const middle = Buffer.from(kind === 'delete' ? [] : [byte]);
  return Buffer.concat([body.subarray(0, at), middle, body.subarray(kind === 'insert' ? at : at + 1)]);
}

/** Whether some key comes twice, at whatever depth: every duplicate at the top does. */
function hasTwins(json: string): boolean {
  const keys = [...json.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?/g)].filter(([, , colon]) => colon !== undefined);
  return new Set(keys.map(([, key]) => String(JSON.parse(key ?? '')).toLowerCase())).size < keys.length;
}

function deserves(fault: BodyFault, value: unknown, json: string): boolean {
  if (fault === 'not-an-object') return typeof value !== 'object' || value === null || Array.isArray(value);
  if (fault === 'duplicate-field' || hasTwins(json)) return hasTwins(json);
  const { model, stream } = value as Record<string, unknown>;
  if (fault === 'model-not-a-string') return typeof model !== 'string';
  return fault === 'stream-not-a-boolean' && stream !== null && typeof stream !== 'boolean';
}

function expectAgreement(body: Buffer): void {
  const scanned = scanBody(body);
  const value = parsed(body);
  if (typeof scanned === 'object') expect(() => void JSON.parse(skeletonOf(body))).not.toThrow();
  if (value === undefined) return;
  if (typeof scanned === 'string') {
    expect([scanned, deserves(scanned, value, body.toString())]).toEqual([scanned, true]);
  } else {
    const { model, stream } = value as Record<string, unknown>;
    expect([scanned.model, scanned.stream]).toEqual([model ?? null, stream ?? false]);
  }
}

describe(scanBody.name, () => {
  it('reads model and stream', () => {
    expect(scan('{"model":"gpt-4o","stream":true}')).toEqual({ model: 'gpt-4o', stream: true });
  });

  it('reads no model and no stream where there are none, whatever the body before had', () => {
    scan('{"model":"x","stream":true,"a":[[');
    const nothing = { model: null, stream: false };
    for (const json of ['{}', ' {\t}\r\n', '{"input":[],"stream":null}']) expect(scan(json)).toEqual(nothing);
  });

  it('reads only the top level', () => {
    const json = '{"a":{"model":1,"stream":2},"b":[{"model":"x","model":"y"}],"model":"z"}';
    expect(accepted(json)).toMatchObject({ model: 'z', stream: false });
  });

  it.each([
    ['{"mod\\u0065l":"x"}', 'x'],
    ['{"\\u006D\\u006f\\u0064\\u0065\\u006C":"x"}', 'x'],
    ['{"model":"\\u0061\\"\\\\b"}', 'a"\\b'],
    ['{"model":"模型"}', '模型'],
    ['{"model":""}', ''],
    ['{"\\n006dodel":"x"}', null],
    ['{"mode\\\\006c":"x"}', null],
    ['{"mode":"x","models":"y","\\u0000model":"z"}', null],
  ])('reads the model of %s as %p', (json, expected) => {
    expect(accepted(json).model).toBe(expected);
  });

  it.each([
    ['{"model":"a","model":"a"}'],
    ['{"model":"a","mod\\u0065l":"b"}'],
    ['{"stream":true,"a":1,"stream":true}'],
    ['{"model":"a","Model":"b"}'],
    ['{"stream":false,"STREAM":true}'],
  ])('refuses a second field in any spelling: %s', (json) => {
    expect(scan(json)).toBe('duplicate-field');
  });

  it.each(['{"Model":"a"}', '{"STREAM":true}', '{"\\u004dODEL":"a","model":"b"}'])(
    'refuses a field in capitals, which some upstreams take for the field: %s',
    (json) => {
      expect(scan(json)).toBe('field-in-capitals');
    },
  );

  it.each<[string, BodyFault]>([
    ['{"model":1}', 'model-not-a-string'],
    ['{"model":null}', 'model-not-a-string'],
    ['{"model":{"model":"x"}}', 'model-not-a-string'],
    ['{"stream":"true"}', 'stream-not-a-boolean'],
    ['{"stream":1}', 'stream-not-a-boolean'],
    ['[{"model":"x"}]', 'not-an-object'],
    ['"model"', 'not-an-object'],
    [' 12.5e+3 ', 'not-an-object'],
    ['null', 'not-an-object'],
  ])('refuses %s as %s', (json, fault) => {
    expect(scan(json)).toBe(fault);
  });

  it('calls malformed JSON so whatever else is wrong with it', () => {
    for (const json of ['[1', '{"model":1', '{"model":}', '{"model":1,}', '{"stream":1}}', '{"model":1,"model":tru}']) {
      expect(scan(json)).toBe('not-json');
    }
  });

  it.each(
    [
      ['', ' ', '{', '}', '{]', '[}', '{}{}', '{} x', '{}\0', '\ufeff{}', '\v{}', '{\u00a0}', '{,}', '[,]', '{"a":1,}'],
      ['[1,]', '[1,,2]', '[1 2]', '{"a" 1}', '{"a":}', '{"a":1 "b":2}', '{"a":1;"b":2}', '{a:1}', "{'a':1}", '{1:1}'],
      ['{"a":', '{"a', '{"a":"b', '{"a":"b\\', '{"a":"b\\"}', '{"a"}', '{"a":1', '{"model":"x', '{:1}', '[:]'],
      ['[01]', '[-]', '[+1]', '[1.]', '[.1]', '[1e]', '[1e+]', '[0x1]', '[--1]', '[1.e1]', '[-01]', '[1-2]', '[1e1.5]'],
      ['[tru]', '[trueish]', '[True]', '[nul]', '[falsee]', '[NaN]', '[Infinity]', '[undefined]', '[t', '//\n{}'],
    ].flat(),
  )('refuses %j as not JSON', (json) => {
    expect(scan(json)).toBe('not-json');
  });

  it('refuses a key or a model it cannot read for certain', () => {
    const unreadable = ['{"a\\q":1}', '{"mod\\u006":1}', '{"\\u00g5":1}', '{"a\n":1}', '{"b":{"\\x":1}}'];
    for (const json of unreadable) expect(scan(json)).toBe('not-json');
    for (const json of ['{"model":"\\q"}', '{"model":"a\nb"}', '{"model":"\\u12"}'])
      expect(scan(json)).toBe('not-json');
    expect(scanBody(Buffer.from('{"model":"\xff"}', 'latin1'))).toBe('not-json');
  });

  it('leaves the inside of other strings to the upstream', () => {
    expect(accepted(Buffer.from('{"a":"\xff\n\0\\q\\u12","model":"x"}', 'latin1')).model).toBe('x');
  });

  it.each([
    ['[', '1', ']'],
    ['[', '', ']'],
    ['{"a":', '1', '}'],
  ])('passes 64 nested containers of %s and refuses 65', (open, middle, close) => {
    const inside = (depth: number): string => `{"b":${nested(depth - 1, open, middle, close)},"model":"x"}`;
    expect(accepted(inside(MAX_JSON_DEPTH)).model).toBe('x');
    expect(scan(inside(MAX_JSON_DEPTH + 1))).toBe('too-deep');
    expect(accepted(`{"a":[${`${open}${middle}${close},`.repeat(1_000)}1],"model":"x"}`).model).toBe('x');
  });

  it('refuses bottomless input without running out of stack', () => {
    for (const open of ['[', '{"a":', '[{"a":']) expect(scan(open.repeat(100_000))).toBe('too-deep');
  });

  it('passes strings of many megabytes', () => {
    const long = 'iVBORw0K'.repeat(1_250_000);
    expect(accepted(`{"image":"${long}","model":"x"}`).model).toBe('x');
    expect(scan(`{"image":"${long}`)).toBe('not-json');
    expect(accepted(`{"a":"${'\\"'.repeat(1_000_000)}${'\\\\'.repeat(1_000_000)}","stream":true}`).stream).toBe(true);
  });

  it('tells an escaped quote from the end wherever the backslashes fall', () => {
    for (let length = 0; length < 40; length++) {
      for (let slashes = 0; slashes < 40; slashes++) {
        const text = `${'a'.repeat(length)}${'\\'.repeat(slashes)}`;
        const [end, noEnd] = slashes % 2 === 0 ? ['"', '""'] : ['""', '"'];
        expect(accepted(`{"b":"${text}${end},"model":"x"}`).model).toBe('x');
        expect(scan(`{"b":"${text}${noEnd},"model":"x"}`)).toBe('not-json');
      }
    }
  });

  it('agrees with JSON.parse on any object', () => {
    fc.assert(
      fc.property(document, (json) => {
        expectAgreement(Buffer.from(json));
        accepted(json);
      }),
      { numRuns: 300 },
    );
  });

  it('never throws and agrees with JSON.parse on damaged documents', () => {
    fc.assert(
      fc.property(document, fc.array(damage, { minLength: 1, maxLength: 4 }), (json, damages) => {
        expectAgreement(damages.reduce(damaged, Buffer.from(json)));
      }),
      { numRuns: 1000 },
    );
  });

  it('never throws and agrees with JSON.parse on random bytes', () => {
    const jsonLike = fc.array(fc.constantFrom(...Buffer.from('{}[]"\\:,mo1-.e ntrue')), { maxLength: 30 });
    fc.assert(
      fc.property(fc.oneof(jsonLike, fc.array(fc.nat(255))), (bytes) => {
        expectAgreement(Buffer.from(bytes));
      }),
      { numRuns: 1000 },
    );
  });
});
