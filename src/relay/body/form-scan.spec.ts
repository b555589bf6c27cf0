import { disposition, FORM_BOUNDARY, formField, formFile, formOf, formPart } from '../../../test/support/form-text';
import { boundaryOf, type FormFault, FormScan } from './form-scan';

interface Outcome {
  readonly model: FormScan['model'];
  readonly stream: boolean;
  readonly fault: FormFault | null;
  readonly isComplete: boolean;
}

function scanChunks(chunks: readonly Buffer[]): Outcome {
  const scan = new FormScan(FORM_BOUNDARY);
  for (const chunk of chunks) scan.push(chunk);
  const { model, stream, fault, isComplete } = scan;
  return { model, stream, fault, isComplete };
}

const scan = (text: string): Outcome => scanChunks([Buffer.from(text, 'latin1')]);

function expectFault(text: string, fault: FormFault): void {
  expect([text, scan(text).fault]).toEqual([text, fault]);
}

const modelOf = (text: string): string | null | undefined => {
  const { model, fault } = scan(text);
  if (model) expect(Buffer.from(text, 'latin1').toString('utf8', model.start, model.end)).toBe(model.value);
  return fault === null ? (model?.value ?? null) : undefined;
};

describe(boundaryOf.name, () => {
  it.each([
    ['multipart/form-data; boundary=abc', 'abc'],
    ['multipart/form-data;boundary=abc', 'abc'],
    ['Multipart/Form-Data ; charset=utf-8; Boundary="a b:c=?" ;', 'a b:c=?'],
    ['multipart/form-data; boundary="----WebKitFormBoundary7MA4YWxkTrZu0gW"', '----WebKitFormBoundary7MA4YWxkTrZu0gW'],
    ["multipart/form-data; boundary=a'()+_,-./:=?9", "a'()+_,-./:=?9"],
    ['multipart/form-data; x="; boundary=no"; boundary=yes', 'yes'],
    [`multipart/form-data; boundary=${'a'.repeat(70)}`, 'a'.repeat(70)],
  ])('reads %s', (contentType, boundary) => {
    expect(boundaryOf(contentType)).toBe(boundary);
  });

  it.each(
    [
      [
        '',
        'multipart/form-data',
        'multipart/form-data;',
        'multipart/mixed; boundary=a',
        'multipart/form-datax; boundary=a',
      ],
      ['multipart/form-data; boundary=', 'multipart/form-data; boundary=""', 'multipart/form-data; boundary="a '],
      [
        'multipart/form-data; boundary="a "',
        'multipart/form-data; boundary="a\\b"',
        'multipart/form-data; boundary=a b',
      ],
      [
        'multipart/form-data; boundary=a; boundary=a',
        'multipart/form-data; boundary*=a',
        'multipart/form-data; boundary*0=a',
      ],
      ['multipart/form-data; boundary=a, multipart/form-data; boundary=b', 'multipart/form-data; boundary="a"b'],
      ['multipart/form-data; boundary = a', 'multipart/form-data; boundary=ä', 'multipart/form-data, boundary=a'],
      [`multipart/form-data; boundary=${'a'.repeat(71)}`, 'multipart/form-data; boundary=a; x', '; boundary=a'],
    ].flat(),
  )('finds none in %j', (contentType) => {
    expect(boundaryOf(contentType)).toBeNull();
  });
});

describe(FormScan.name, () => {
  it('finds the model and where it stands, and the stream', () => {
    const text = formOf(formFile('ID3\r\n\r\n--x\r\n'), formField('model', 'whisper-1'), formField('stream', 'true'));
    const start = text.indexOf('whisper-1');
    const model = { value: 'whisper-1', start, end: start + 9 };
    expect(scan(text)).toEqual({ model, stream: true, fault: null, isComplete: true });
  });

  it('knows the model as soon as its value has ended', () => {
    const text = formOf(formField('model', 'whisper-1'), formFile('x'));
    const end = text.indexOf(FORM_BOUNDARY, FORM_BOUNDARY.length + 2) + FORM_BOUNDARY.length;
    const found = (length: number): boolean => scan(text.slice(0, length)).model !== null;
    expect([found(end), found(end - 1)]).toEqual([true, false]);
  });

  it.each(['name="models"', 'name="x.model"', 'name="file"; filename="model"'])(
    'takes no model from %s',
    (parameters) => {
      expect(modelOf(formOf(formPart(disposition(parameters), 'm')))).toBeNull();
    },
  );

  it.each([
    disposition('name="model"; filename="m"'),
    disposition('name="Model"'),
    disposition('name="model[]"'),
    `${disposition('name="model"')}\r\nContent-Transfer-Encoding: base64`,
  ])('refuses the model under %j, which it cannot read for certain', (head) => {
    expectFault(formOf(formPart(head, 'm')), 'not-multipart');
  });

  it.each([
    ['', ''],
    ['\r\n', '\r\n'],
    ['--', '--'],
    ['模型', '模型'],
    ['a'.repeat(512), 'a'.repeat(512)],
  ])('reads the value %j', (value, expected) => {
    expect(modelOf(formOf(formField('model', Buffer.from(value).toString('latin1'))))).toBe(expected);
  });

  it.each([
    ['true', true],
    ['True', true],
    ['1', true],
    ['false', false],
    ['', false],
    ['true\n', false],
    ['true'.repeat(1_000), false],
  ])('reads the stream %j as %s', (value, stream) => {
    expect(scan(formOf(formField('stream', value), formField('model', 'm')))).toMatchObject({ stream, fault: null });
  });

  it('lets line ends come first and blanks last', () => {
    expect(scan(`\r\n\r\n${formOf(formField('model', 'm'))} \t\r\n\n`)).toMatchObject({
      fault: null,
      isComplete: true,
    });
    expect(scan(formOf(formField('model', 'm')).trimEnd())).toMatchObject({ fault: null, isComplete: true });
    expect(scan(`--${FORM_BOUNDARY}--`)).toMatchObject({ model: null, fault: null, isComplete: true });
  });

  it('is not complete before the closing boundary', () => {
    const text = formOf(formField('model', 'm')).trimEnd();
    for (let end = 0; end < text.length; end++)
      expect(scan(text.slice(0, end))).toMatchObject({ isComplete: false, fault: null });
  });

  it.each(
    [
      [
        'name="model"',
        'name=model',
        'NAME="model"',
        'name="Model"',
        'name="MODEL"',
        'name="model[]"',
        'name="model[0]"',
      ],
      ['name="model"; filename="x"', 'filename="x"; name="model"', 'name="model"; filename=""'],
    ].flat(),
  )('refuses a second model under %s, before and after a file', (rest) => {
    const [model, second] = [formField('model', 'a'), formPart(disposition(rest), 'b')];
    for (const between of [[], [formFile('x')]]) {
      expectFault(formOf(model, ...between, second), 'duplicate-model');
      expect(scan(formOf(second, ...between, model)).fault).not.toBeNull();
    }
  });

  it.each([
    ['a preamble', `hello\r\n${formOf(formField('model', 'a'))}`],
    ['a bare line feed first', `\n${formOf(formField('model', 'a'))}`],
    ['an epilogue', `${formOf(formField('model', 'a'))}hello`],
    ['a form after the form', formOf(formField('model', 'a')) + formOf(formField('model', 'b'))],
    ['line feeds alone', formOf(formField('model', 'a')).replaceAll('\r\n', '\n')],
    [
      'a boundary after a line feed alone',
      formOf(formFile(`x\n--${FORM_BOUNDARY}\r\n${disposition('name="model"')}\r\n\r\nb`)),
    ],
    ['a boundary after a carriage return alone', formOf(formFile(`x\r--${FORM_BOUNDARY}\r\n`))],
    ['a boundary within a line', formOf(formFile(`x--${FORM_BOUNDARY}\r\n`))],
    ['a boundary that goes on', formOf(formFile(`x\r\n--${FORM_BOUNDARY}y\r\n`))],
    ['a boundary followed by blanks', formOf(formField('a', 'b')).replace('x1\r\n', 'x1 \r\n')],
    ['a boundary right after a head', `--${FORM_BOUNDARY}\r\n${disposition('name="a"')}\r\n\r\n--${FORM_BOUNDARY}--`],
    ['a head that parsers read in different ways', formOf(formPart(disposition('name="a"; name="model"'), 'b'))],
    ['a boundary within a head', formOf(formPart(`${disposition('name="a"')}\r\nx: --${FORM_BOUNDARY}`, 'b'))],
    ['a model that is not UTF-8', formOf(formField('model', '\xff'))],
    ['another boundary', formOf(formField('model', 'a')).replaceAll(FORM_BOUNDARY, `${FORM_BOUNDARY.slice(0, -1)}2`)],
  ])('refuses %s', (_, text) => {
    expectFault(text, 'not-multipart');
  });

  it('refuses a model of more than 512 bytes before it ends', () => {
    expectFault(formOf(formField('model', 'a'.repeat(513))), 'model-too-long');
    expectFault(`--${FORM_BOUNDARY}\r\n${disposition('name="model"')}\r\n\r\n${'a'.repeat(600)}`, 'model-too-long');
  });

  it('refuses a head of more than 16 KiB before it ends', () => {
    const head = (length: number): string => `${disposition('name="a"')}\r\nx: `.padEnd(length, 'y');
    const longest = 16 * 1024 - '\r\n\r\n'.length;
    expect(scan(formOf(formPart(head(longest), 'b'))).fault).toBeNull();
    expectFault(formOf(formPart(head(longest + 1), 'b')), 'head-too-long');
    expectFault(`--${FORM_BOUNDARY}\r\n${'y'.repeat(16 * 1024)}`, 'head-too-long');
  });

  it('reads nothing more after a fault', () => {
    const chunks = [`--${FORM_BOUNDARY}\r\nx\r\n\r\n`, formOf(formField('model', 'a'))];
    expect(scanChunks(chunks.map((chunk) => Buffer.from(chunk)))).toMatchObject({
      model: null,
      fault: 'not-multipart',
    });
  });
});
