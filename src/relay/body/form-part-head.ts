/** What the head of a form's part says. */
export interface PartHead {
  readonly name: string;
  /** Whether the part is a plain value, as it stands: neither a file nor encoded. */
  readonly isValue: boolean;
}

const HEADER_LINE = /^([!-9;-~]+):[\t ]*([\t -~\u0080-\u00ff]*)$/;
const TOKEN = "[\\w!#$%&'*+.^`|~-]+";
const DISPOSITION = new RegExp(
  `^form-data(?:[\\t ]*;[\\t ]*${TOKEN}=(?:"(?:[^"\\\\]|\\\\.)*"|[^\\t ";]+))+[\\t ]*;?[\\t ]*$`,
  'i',
);
const NAME = /;[\t ]*name=(?:"([\w.[\]-]+)"|([\w.[\]-]+))(?![^\t ;])/i;
/** Every place that some parser might take for the name; RFC 2231 would spread it over `name*0` and so on. */
const NAME_LIKE = /(?<![a-z])name[*\d\t ]*=/gi;
const FILE_NAME = /;[\t ]*filename/i;
/** Parts with parts of their own. */
const NESTED = /^(multipart|message)\//i;
const UNENCODED = ['7bit', '8bit', 'binary'];

/**
 * Reads a part's head, given without its blank line. Null when two parsers might read it in two ways: then the upstream
 * could see another field than the relay does.
 */
export function readPartHead(head: Buffer): PartHead | null {
  const headers = headersOf(head.toString('latin1'));
  const disposition = headers?.get('content-disposition') ?? '';
  const name = nameIn(disposition);
  if (headers === null || name === null || NESTED.test(headers.get('content-type') ?? '')) return null;
  const encoding = headers.get('content-transfer-encoding')?.trim().toLowerCase() ?? 'binary';
  return { name, isValue: !FILE_NAME.test(disposition) && UNENCODED.includes(encoding) };
}

/** The headers by their names in lower case; null where a line is no header, or the second of its name. */
function headersOf(head: string): ReadonlyMap<string, string> | null {
  const headers = new Map<string, string>();
  for (const line of head.split('\r\n')) {
    const [, name = '', value = ''] = HEADER_LINE.exec(line) ?? [];
    if (name === '' || headers.has(name.toLowerCase())) return null;
    headers.set(name.toLowerCase(), value);
  }
  return headers;
}

function nameIn(disposition: string): string | null {
  if (!DISPOSITION.test(disposition) || disposition.match(NAME_LIKE)?.length !== 1) return null;
  const [, quoted, bare] = NAME.exec(disposition) ?? [];
  return quoted ?? bare ?? null;
}
