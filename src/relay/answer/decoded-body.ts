import {
  brotliDecompressSync,
  type BrotliOptions,
  constants,
  gunzipSync,
  inflateSync,
  type ZlibOptions,
} from 'node:zlib';

/** Longer error answers are not passed on: they must be held whole to be searched. */
export const MOST_ERROR_BYTES = 1024 * 1024;

const LIMIT = { maxOutputLength: MOST_ERROR_BYTES };
const CUT: ZlibOptions = { ...LIMIT, finishFlush: constants.Z_SYNC_FLUSH };
const CUT_BROTLI: BrotliOptions = { ...LIMIT, finishFlush: constants.BROTLI_OPERATION_FLUSH };

type Decoder = (body: Buffer, isWhole: boolean) => Buffer;

const plain: Decoder = (body) => body;
const gunzip: Decoder = (body, isWhole) => gunzipSync(body, isWhole ? LIMIT : CUT);

const DECODERS: ReadonlyMap<string, Decoder> = new Map([
  ['', plain],
  ['identity', plain],
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['deflate', (body, isWhole) => inflateSync(body, isWhole ? LIMIT : CUT)],
  ['br', (body, isWhole) => brotliDecompressSync(body, isWhole ? LIMIT : CUT_BROTLI)],
]);

/**
 * A body without its compression; null when that is unknown, damaged, or swells beyond `MOST_ERROR_BYTES`. Of a body that
 * is not whole it gives what there is.
 */
export function decodedBody(body: Buffer, contentEncoding: string, isWhole = true): Buffer | null {
  try {
    return DECODERS.get(contentEncoding.toLowerCase())?.(body, isWhole) ?? null;
  } catch {
    return null;
  }
}
