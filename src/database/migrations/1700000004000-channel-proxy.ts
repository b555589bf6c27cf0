import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The proxy that a channel's requests go through, encrypted. */
export class ChannelProxy1700000004000 implements MigrationInterface {
  readonly name = 'ChannelProxy1700000004000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE channels ADD COLUMN proxy_ciphertext text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE channels DROP COLUMN proxy_ciphertext');
  }
}
