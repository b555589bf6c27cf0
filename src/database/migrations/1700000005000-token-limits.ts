import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How much each client token may ask for. */
export class TokenLimits1700000005000 implements MigrationInterface {
  readonly name = 'TokenLimits1700000005000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE tokens
        ADD COLUMN requests_per_minute integer,
        ADD COLUMN concurrent_requests integer,
        ADD CONSTRAINT ck_tokens_requests_per_minute CHECK (requests_per_minute BETWEEN 1 AND 60000),
        ADD CONSTRAINT ck_tokens_concurrent_requests CHECK (concurrent_requests BETWEEN 1 AND 10000)
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE tokens DROP COLUMN concurrent_requests, DROP COLUMN requests_per_minute');
  }
}
