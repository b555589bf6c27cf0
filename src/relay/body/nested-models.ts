import { editFields } from './json-edit';
import { afterSpace, afterValue, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } from './json-walk';
import type { ContentChanges, OutgoingBody, RequestContent } from './request-content';
import { type JsonField, listFields } from './top-level-fields';

/** A model that a body names somewhere within, and where its string stands. */
export interface NestedModel {
  readonly model: string;
  /** What stands before the model in the string. */
  readonly prefix: string;
  readonly start: number;
  readonly end: number;
}

const GEMINI_PREFIX = 'models/';

/** A JSON body that names its models within, such as in each entry of a list. */
export class NestedModels implements RequestContent {
  readonly models: readonly string[];
  readonly isStream = false;
  readonly canRepeat = true;
  readonly fault = null;

  /** `named` in the order of the bytes. */
  constructor(
    readonly json: Buffer,
    private readonly named: readonly NestedModel[],
  ) {
    this.models = [...new Set(named.map(({ model }) => model))];
  }

  outgoing({ modelFor, fields }: ContentChanges): OutgoingBody {
    const renamed = this.named.filter(({ model }) => modelFor(model) !== model);
    const body = renamed.length === 0 ? this.json : this.renamed(renamed, modelFor);
    return { body: fields.size === 0 ? body : editFields(body, fields), length: null };
  }

  release(): void {
    // The bytes go with the request.
  }

  private renamed(renamed: readonly NestedModel[], modelFor: ContentChanges['modelFor']): Buffer {
    const pieces: Buffer[] = [];
    let at = 0;
    for (const { model, prefix, start, end } of renamed) {
      pieces.push(this.json.subarray(at, start), Buffer.from(JSON.stringify(prefix + modelFor(model))));
      at = end;
    }
    return Buffer.concat([...pieces, this.json.subarray(at)]);
  }
}

/** What an Anthropic batch names: `requests[].params.model`; the body is one that `scanBody` accepts. */
export function batchModels(json: Buffer): NestedModel[] {
  return modelsIn(
    json,
    entriesOf(json).flatMap((entry) => fieldsCalled(fieldsAt(json, entry), 'params')),
    '',
  );
}

/** What a body of the Gemini API names beside its path: in itself, in `requests[]` and in `generateContentRequest`. */
export function geminiModels(json: Buffer): NestedModel[] {
  const inside = fieldsCalled(listFields(json), 'generatecontentrequest', 'generate_content_request');
  const holders = [
    { valueStart: afterSpace(json, 0) },
    ...entriesOf(json).map((valueStart) => ({ valueStart })),
    ...inside,
  ];
  return modelsIn(json, holders, GEMINI_PREFIX).sort((one, other) => one.start - other.start);
}

function entriesOf(json: Buffer): number[] {
  return fieldsCalled(listFields(json), 'requests').flatMap(({ valueStart }) => elementsAt(json, valueStart));
}

/** Repetitions included: whichever of them an upstream takes, it is among these. */
function modelsIn(json: Buffer, holders: readonly Pick<JsonField, 'valueStart'>[], prefix: string): NestedModel[] {
  return holders
    .flatMap(({ valueStart }) => fieldsCalled(fieldsAt(json, valueStart), 'model'))
    .flatMap(({ valueStart: start, valueEnd: end }) => {
      const text = json[start] === QUOTE ? textOf(json.toString('utf8', start, end)) : null;
      if (text === null) return [];
      const own = text.startsWith(prefix) ? prefix : '';
      return { model: text.slice(own.length), prefix: own, start, end };
    });
}

/** Some upstreams take a key in any case. */
function fieldsCalled(fields: readonly JsonField[], ...keys: string[]): JsonField[] {
  return fields.filter((field) => keys.includes(field.key.toLowerCase()));
}

function fieldsAt(json: Buffer, start: number): JsonField[] {
  return json[start] === OPEN_BRACE ? listFields(json, start) : [];
}

/** Where the elements of an array begin. */
function elementsAt(json: Buffer, start: number): number[] {
  const starts: number[] = [];
  let at = json[start] === OPEN_BRACKET ? start : NaN;
  while (at === start || json[at] === COMMA) {
    const element = afterSpace(json, at + 1);
    starts.push(element);
    at = afterSpace(json, afterValue(json, element));
  }
  return starts;
}

function textOf(jsonString: string): string | null {
  try {
    return JSON.parse(jsonString) as string;
  } catch {
    return null;
  }
}
