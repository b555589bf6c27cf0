import fc from 'fast-check';
import { disposition } from '../../../test/support/form-text';
import { readPartHead } from './form-part-head';

const read = (head: string): ReturnType<typeof readPartHead> => readPartHead(Buffer.from(head, 'latin1'));

describe(readPartHead.name, () => {
  it.each([
    disposition('name="model"'),
    disposition('name=model'),
    disposition('name="model" ; '),
    'content-disposition:form-data;name="model"',
    'CONTENT-DISPOSITION: Form-Data ; NAME="model"\r\ncontent-type: text/plain; charset=utf-8',
    `Content-Length: 1\r\n${disposition('name="model"')}\r\nContent-Transfer-Encoding: 8BIT`,
  ])('reads a value of the name model in %j', (head) => {
    expect(read(head)).toEqual({ name: 'model', isValue: true });
  });

  it.each([
    disposition('name="a[]"; filename="my \\"voice\\"; take 2.mp3"'),
    disposition('filename=a.mp3; name=a[]'),
    disposition("name=a[]; filename=a.mp3; filename*=utf-8''%E6%A8%A1.mp3"),
    disposition('name="a[]"; filename=""'),
    Buffer.from(disposition('name="a[]"; filename="模型.mp3"')).toString('latin1'),
    `${disposition('name="a[]"')}\r\nContent-Transfer-Encoding: base64`,
  ])('takes no plain value from %j', (head) => {
    expect(read(head)).toEqual({ name: 'a[]', isValue: false });
  });

  it.each([
    "name*=utf-8''model",
    'name*0="mo"; name*1="del"',
    'name="a"; name*=utf-8\'\'model',
    'name="mod\\el"',
    'name="mo%64el"',
    'name="=?utf-8?q?model?="',
    'name="a\\"; name=\\"model"',
    'name="a"; name="model"',
    'name="a"; filename="b\\"; name=model; x=\\"c"',
    'filename="; name=model; x="; name="a"',
    'name = "model"',
    'name="model',
    'name=model"',
    "name='model'",
    'name=" model"',
    'name=""',
    'name=',
    'name',
    'filename="a"',
    'x="name"',
    'name="model"x',
    'name="mo"del',
    'name="a";; x=y',
  ])('refuses the parameters %s, which parsers read in different ways', (parameters) => {
    expect(read(disposition(parameters))).toBeNull();
  });

  it.each([
    '',
    'Content-Type: text/plain',
    'Content-Disposition: attachment; name="model"',
    'Content-Disposition: form-data',
    ` ${disposition('name="a"')}`,
    `${disposition('name="a"')}\r\n ; name="model"`,
    `${disposition('name="a"')}\n${disposition('name="model"')}`,
    `${disposition('name="a"')}\r\n${disposition('name="model"')}`,
    `${disposition('name="a"')}\rx: y`,
    `${disposition('name="a"')}\r\nx: \0`,
    `${disposition('name="a"')}\r\nx`,
    `${disposition('name="a"')}\r\nx : y`,
    `${disposition('name="a"')}\r\n: y`,
    `${disposition('name="a"')}\r\nContent-Type: multipart/mixed; boundary=b`,
  ])('refuses the head %j', (head) => {
    expect(read(head)).toBeNull();
  });

  it('never takes a head that names the model somewhere for one of another value', () => {
    const piece = fc.constantFrom(
      'name',
      '="',
      '=',
      '"',
      ';',
      ' ',
      '\\',
      'model',
      'filename',
      '*',
      '0',
      'a',
      "'",
      '%6d',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 16 }), (pieces) => {
        const head = read(disposition(pieces.join('')));
        const isNamedSo = /;\s*name="?model(?![^"\s;])/.test(`;${pieces.join('')}`);
        expect(head?.isValue === true && isNamedSo && head.name !== 'model').toBe(false);
      }),
      { numRuns: 5000 },
    );
  });
});
