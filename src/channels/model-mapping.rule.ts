import { ValidateBy } from 'class-validator';
import { isText } from '../common/field-rules';

const MOST_ENTRIES = 1000;
const LONGEST_NAME = 200;

/** An object of model names: asked for -> sent upstream. */
export function IsModelMapping(): PropertyDecorator {
  return ValidateBy({
    name: 'isModelMapping',
    validator: {
      validate: isModelMapping,
      defaultMessage: () => '$property must be an object of model names, such as {"gpt-4": "gpt-4o"}',
    },
  });
}

function isModelMapping(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return entries.length <= MOST_ENTRIES && entries.flat().every((name) => isText(name, 1, LONGEST_NAME));
}
