import type { Dialect } from '../../channels/dialect';

/**
 * The one event that ends a stream which broke off, for an error given as JSON on one line. An event that was cut short is
 * ended by a blank line, so that this one stands alone.
 */
export function errorEvent(dialect: Dialect, errorJson: string, isAtBoundary: boolean): string {
  const name = dialect === 'anthropic' ? 'event: error\n' : '';
  return `${isAtBoundary ? '' : '\n\n'}${name}data: ${errorJson}\n\n`;
}
