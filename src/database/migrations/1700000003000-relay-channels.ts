import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What each channel changes in the requests that it is sent. */
export class RelayChannels1700000003000 implements MigrationInterface {
  readonly name = 'RelayChannels1700000003000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE channels
        ADD COLUMN header_override jsonb NOT NULL DEFAULT '{}',
        ADD COLUMN param_override jsonb NOT NULL DEFAULT '{}'
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE channels DROP COLUMN param_override, DROP COLUMN header_override');
  }
}
