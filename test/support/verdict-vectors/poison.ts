import { RULE_BOOKS } from '../../../src/health/verdict/rule-book';

// What programs of this kind look for anywhere in an error's text, and so let their users ban keys.
const WORDS_OF_OTHERS = [
  'api key not valid',
  'permission denied',
  'credit balance is too low',
  'not_enough_credits',
  'credit',
  'balance',
  'used all available credits',
  'reached its monthly spending limit',
  'resource pack exhausted',
  'billing to be enabled',
  'permission_denied',
  'unauthenticated',
  'operation not allowed',
  'organization has been disabled',
  'consumer',
  'has been suspended',
  'service account',
  'project not found',
  'billing account',
  'imagen api',
  'generativelanguage.googleapis.com',
  'console.x.ai',
  'forbidden',
  'Some resource has been exhausted',
];

/** Every word by which this program or another takes a key out: none may do so from within a user's text. */
export const POISON: readonly string[] = [
  ...new Set([
    ...WORDS_OF_OTHERS,
    ...Object.values(RULE_BOOKS).flatMap(({ rules }) =>
      rules.flatMap(({ names, nameParts, messagePrefixes }) =>
        [names, nameParts, messagePrefixes].flatMap((signs) => signs ?? []),
      ),
    ),
  ]),
];
