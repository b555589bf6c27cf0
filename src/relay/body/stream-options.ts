import { editFields } from './json-edit';
import { LOWER_T, OPEN_BRACE } from './json-walk';
import { topLevelFields, valueOf } from './top-level-fields';

/** Whether a caller wants the usage at the end of the stream; `declined` is anything it says that is not plainly yes. */
export type UsageWish = 'asked' | 'declined' | 'absent';

/** Reads `stream_options.include_usage` of a body that `scanBody` has accepted. */
export function usageAsked(body: Buffer): UsageWish {
  const options = streamOptions(body);
  if (options === null) return 'absent';
  if (options[0] !== OPEN_BRACE) return 'declined';
  const wish = valueOf(options, topLevelFields(options), 'include_usage');
  if (wish === null) return 'absent';
  return wish[0] === LOWER_T ? 'asked' : 'declined';
}

/** The JSON text of the body's `stream_options` with `include_usage` on and all else in it as it was. */
export function withUsage(body: Buffer): string {
  const options = streamOptions(body);
  if (options?.[0] !== OPEN_BRACE) return '{"include_usage":true}';
  return editFields(options, new Map([['include_usage', 'true']])).toString();
}

function streamOptions(body: Buffer): Buffer | null {
  return valueOf(body, topLevelFields(body), 'stream_options');
}
