import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `
  CREATE TABLE upstream_objects (
    object_digest bytea NOT NULL,
    token_id bigint NOT NULL,
    channel_id bigint NOT NULL,
    key_id bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_upstream_objects PRIMARY KEY (object_digest)
  )`,
  'CREATE INDEX ix_upstream_objects_created_at ON upstream_objects (created_at)',
];

/** Which key created the objects that upstreams keep, and for which token. */
export class UpstreamObjects1700000006000 implements MigrationInterface {
  readonly name = 'UpstreamObjects1700000006000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE upstream_objects');
  }
}
