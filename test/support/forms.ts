/** One part of a form: a plain value, or a file with these bytes. */
export type FormPart = readonly [name: string, content: string | Buffer];

const BOUNDARY = '------------------------keymux7c1f';

export const FORM_TYPE = `multipart/form-data; boundary=${BOUNDARY}`;

/** What a file may hold: every value that a byte can have, and whatever looks like a boundary at first. */
const TRICKY = Buffer.concat([
  Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  Buffer.from(`\r\n--${BOUNDARY.slice(0, -1)}\r\n--\r\n\r\nmodel\r\n${BOUNDARY.slice(4)}\r`),
]);

/** A whole form as clients send it. */
export function formOf(...parts: readonly FormPart[]): Buffer {
  return Buffer.concat([...parts.map(partOf), Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

export function fileOf(length: number): Buffer {
  return Buffer.alloc(length, TRICKY);
}

function partOf([name, content]: FormPart): Buffer {
  const isFile = typeof content !== 'string';
  const file = isFile ? '; filename="sound.mp3"\r\nContent-Type: audio/mpeg' : '';
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), isFile ? content : Buffer.from(content), Buffer.from('\r\n')]);
}
