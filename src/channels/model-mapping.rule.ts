import { isText } from '../common/field-rules';
import { entriesOf, HasNoProblem } from './field-problem.rule';

const MOST_ENTRIES = 1000;
const LONGEST_NAME = 200;

/** An object of model names: asked for -> sent upstream. */
export function IsModelMapping(): PropertyDecorator {
  return HasNoProblem(problemWithModelMapping);
}

export function problemWithModelMapping(value: unknown): string | null {
  const entries = entriesOf(value);
  const areNames = entries?.flat().every((name) => isText(name, 1, LONGEST_NAME));
  if (!entries || !areNames || entries.length > MOST_ENTRIES) {
    return 'must be an object of at most 1000 model names, such as {"gpt-4": "gpt-4o", "claude-*": "anthropic/claude-*"}';
  }
  const isLoose = entries.some(([from, to]) => String(to).includes('*') && !from.includes('*'));
  return isLoose ? 'has a * in a name to send that stands for nothing: the name asked for needs one too' : null;
}
