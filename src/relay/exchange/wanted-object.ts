import { REFUSALS } from '../answer/refusal';
import { listFields } from '../body/top-level-fields';
import type { WantedObject } from '../plan/object-planner';
import type { RelayRequest } from './relay-request';

const PREVIOUS = 'previous_response_id';
/** What ids are made of; nothing else can be one, or lead elsewhere in a path. */
const ID = /^(?!\.+$)[\w.-]{1,200}$/;

/** The object that a request is about: the one in its path, or the response that it goes on from; null when there is none. */
export function wantedObject(request: RelayRequest, parameter: string): WantedObject | null {
  const { route, content } = request;
  if (route.kind === 'object')
    return ID.test(parameter) ? { id: parameter, missing: REFUSALS.unknownObject } : NO_OBJECT;
  if (!route.creates || route.dialect !== 'openai' || !content.json) return null;
  const previous = listFields(content.json).filter(({ key }) => key === PREVIOUS);
  // Whichever of several an upstream would take, it is not to be another token's.
  if (previous.length > 1) return { id: '', missing: REFUSALS.duplicateField };
  const [id = null] = previous.map(({ valueStart, valueEnd }) => textOf(content.json, valueStart, valueEnd));
  return id === null ? null : { id, missing: REFUSALS.unknownPrevious };
}

/** No object has an empty id. */
const NO_OBJECT: WantedObject = { id: '', missing: REFUSALS.unknownObject };

function textOf(json: Buffer | null, start: number, end: number): string | null {
  try {
    const value: unknown = JSON.parse(json?.toString('utf8', start, end) ?? 'null');
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}
