import fc from 'fast-check';
import { FORM_BOUNDARY, formField, formFile, formOf } from '../../../test/support/form-text';
import { FormScan } from './form-scan';

const MIB = 1024 * 1024;

type Outcome = Pick<FormScan, 'model' | 'stream' | 'fault' | 'isComplete'>;

function scanChunks(chunks: readonly Buffer[]): Outcome {
  const scan = new FormScan(FORM_BOUNDARY);
  for (const chunk of chunks) scan.push(chunk);
  const { model, stream, fault, isComplete } = scan;
  return { model, stream, fault, isComplete };
}

/** The same bytes cut at these places, which are read as shares of the whole. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => Math.floor(place * bytes.length)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

const SAMPLE = formOf(formField('model', 'whisper-1'), formFile('audio\r\n'), formField('stream', 'true'));
const place = fc.double({ min: 0, max: 1, noNaN: true });
const INSERTIONS = [
  ['\r', '\n', '\r\n', '--', '"', ';', '\\', `--${FORM_BOUNDARY}`, `\r\n--${FORM_BOUNDARY}`, 'x'.repeat(900)],
  ['; name=', 'name="model"', '; filename="', formField('model', 'b'), `; name=model\r\n\r\nb\r\n--${FORM_BOUNDARY}--`],
].flat();
const damage = fc.tuple(place, fc.nat(3), fc.constantFrom(...INSERTIONS));

function damaged(text: string, [where, removed, added]: [number, number, string]): string {
  const at = Math.floor(where * text.length);
  return text.slice(0, at) + added + text.slice(at + removed);
}

describe(FormScan.name, () => {
  it('finds the same in every way to cut a form in two, and byte by byte', () => {
    const forms = [
      `\r\n${formOf(formField('model', 'whisper-1'), formFile('\r\n\r\n--\r\n------formdata-x\r\n'), formField('stream', 'true'))}\r\n`,
      formOf(formFile(`\r--${FORM_BOUNDARY}`), formField('model', 'b')),
      formOf(formField('model', 'a'), formField('stream', 'x'.repeat(1_000)), formFile('y'), formField('model', 'b')),
      formOf(formField('model', 'a'.repeat(513))),
    ];
    for (const text of forms) {
      const bytes = Buffer.from(text);
      const whole = scanChunks([bytes]);
      for (let at = 0; at <= bytes.length; at++) {
        expect(scanChunks([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole);
      }
      expect(scanChunks(Array.from(bytes, (byte) => Buffer.from([byte])))).toEqual(whole);
    }
  });

  it('finds what a form was made of, however it is cut', () => {
    const bytes = fc.array(fc.constantFrom('\r', '\n', '-', '--', FORM_BOUNDARY.slice(0, -1), 'a', '\0', '\xff'), {
      maxLength: 40,
    });
    const content = bytes.map((pieces) => pieces.join('')).filter((text) => !text.includes(`--${FORM_BOUNDARY}`));
    const others = fc.array(
      fc.oneof(
        content.map(formFile),
        content.map((text) => formField('prompt', text)),
      ),
      { maxLength: 3 },
    );
    const value = fc.string({ maxLength: 128 });
    const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });
    fc.assert(
      fc.property(others, value, others, places, (before, model, after, cuts) => {
        const text = formOf(...before, formField('model', model), ...after);
        const outcome = scanChunks(cut(Buffer.from(text, 'latin1'), cuts));
        const start = before.join('').length + formField('model', '').length - 2;
        const found = { value: model, start, end: start + model.length };
        expect(outcome).toEqual({ model: found, stream: false, fault: null, isComplete: true });
      }),
      { numRuns: 500 },
    );
  });

  it('never throws, and finds the same in damaged forms however they are cut', () => {
    fc.assert(
      fc.property(fc.array(damage, { maxLength: 4 }), fc.array(place, { maxLength: 12 }), (damages, cuts) => {
        const bytes = Buffer.from(damages.reduce(damaged, SAMPLE), 'latin1');
        expect(scanChunks(cut(bytes, cuts))).toEqual(scanChunks([bytes]));
      }),
      { numRuns: 2000 },
    );
  });

  it('holds nothing of a file that passes by', () => {
    const scanned = new FormScan(FORM_BOUNDARY);
    scanned.push(Buffer.from(`${formField('model', 'm')}${formFile('').slice(0, -2)}`));
    const before = process.memoryUsage().arrayBuffers;
    const chunk = Buffer.alloc(MIB, '\r\n-');
    for (let i = 0; i < 200; i++) scanned.push(chunk);
    scanned.push(Buffer.from(`\r\n--${FORM_BOUNDARY}--`));
    expect(scanned).toMatchObject({ fault: null, isComplete: true });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 * MIB);
  });
});
