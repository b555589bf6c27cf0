const MOST_FRAMES = 8;

/**
 * The name and the places of a foreign error, for the log. Never its message: drivers, parsers and HTTP clients quote what
 * they failed on, and that may be a key.
 */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  // The stack begins with the message, whose own lines may look like frames.
  const { stack = '', message } = error;
  const afterMessage = stack.includes(message) ? stack.slice(stack.indexOf(message) + message.length) : '';
  const frames = afterMessage.split('\n').filter((line) => /^\s+at .*:\d+:\d+\)?$/.test(line));
  return [error.name, ...frames.slice(0, MOST_FRAMES).map((line) => line.trim())].join(' ');
}
