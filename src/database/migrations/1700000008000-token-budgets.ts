import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How much each client token may spend in all, a day or a month. */
export class TokenBudgets1700000008000 implements MigrationInterface {
  readonly name = 'TokenBudgets1700000008000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE tokens
        ADD COLUMN max_requests bigint,
        ADD COLUMN max_tokens bigint,
        ADD COLUMN budget_period varchar(10) NOT NULL DEFAULT 'total',
        ADD CONSTRAINT ck_tokens_budget CHECK (max_requests >= 1 AND max_tokens >= 1),
        ADD CONSTRAINT ck_tokens_budget_period CHECK (budget_period IN ('total', 'day', 'month'))
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE tokens DROP COLUMN budget_period, DROP COLUMN max_tokens, DROP COLUMN max_requests',
    );
  }
}
