import type { ProviderType } from '../../channels/provider-type';
import { ANTHROPIC_RULES } from './anthropic-rules';
import { AZURE_RULES } from './azure-rules';
import { DEEPSEEK_RULES } from './deepseek-rules';
import { GEMINI_RULES } from './gemini-rules';
import { GENERIC_RULES } from './generic-rules';
import { OPENAI_RULES } from './openai-rules';
import type { VerdictRule } from './verdict-rule';

/** Everything that decides about one provider's answers: its own table, then the generic one. */
export interface RuleBook {
  readonly rules: readonly VerdictRule[];
  readonly byStatus: ReadonlyMap<number, readonly VerdictRule[]>;
}

/** The rules that decide about each provider's answers, named after their table: `openai/invalid-api-key`. */
export const RULE_BOOKS: Readonly<Record<ProviderType, RuleBook>> = {
  openai: bookOf('openai', OPENAI_RULES),
  azure: bookOf('azure', AZURE_RULES),
  anthropic: bookOf('anthropic', ANTHROPIC_RULES),
  gemini: bookOf('gemini', GEMINI_RULES),
  deepseek: bookOf('deepseek', DEEPSEEK_RULES),
};

function bookOf(provider: ProviderType, table: readonly VerdictRule[]): RuleBook {
  const rules = [...named(provider, table), ...named('generic', GENERIC_RULES)];
  const known = new Set(rules.flatMap((rule) => rule.statuses));
  const byStatus = new Map(
    [...known].map((status) => [status, rules.filter((rule) => rule.statuses.includes(status))]),
  );
  return { rules, byStatus };
}

function named(table: string, rules: readonly VerdictRule[]): VerdictRule[] {
  return rules.map((rule) => ({ ...rule, name: `${table}/${rule.name}` }));
}
