import { ValidationFailedError } from '../common/validation-failed.error';
import type { KeySelection } from './key-switch.repository';

/** The one key that a call names, by index or by id. */
export function selectionOf(named: { key_index?: number; key_id?: number }): KeySelection {
  const { key_index, key_id } = named;
  if (key_index !== undefined && key_id === undefined) return { by: 'index', indices: [key_index] };
  if (key_id !== undefined && key_index === undefined) return { by: 'id', keyId: key_id };
  throw new ValidationFailedError([{ field: 'key_index', message: 'send either key_index or key_id' }]);
}
