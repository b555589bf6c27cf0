import type { VerdictRule } from './verdict-rule';

/** What DeepSeek's errors mean; what is not here, the generic rules decide. */
export const DEEPSEEK_RULES: readonly VerdictRule[] = [
  {
    name: 'invalid-api-key',
    statuses: [401],
    names: ['authentication_error'],
    messagePrefixes: ['Authentication Fails'],
    kind: 'KEY_DEAD',
  },
  { name: 'balance-used-up', statuses: [402], kind: 'KEY_EXHAUSTED' },
];
