import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `
  CREATE TABLE key_operations (
    id uuid NOT NULL,
    channel_id bigint NOT NULL,
    action varchar(10) NOT NULL,
    affected integer NOT NULL,
    revision bigint NOT NULL,
    generation integer NOT NULL,
    base_url varchar(2000) NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    undone_at timestamptz,
    CONSTRAINT pk_key_operations PRIMARY KEY (id),
    CONSTRAINT fk_key_operations_channel FOREIGN KEY (channel_id) REFERENCES channels(id),
    CONSTRAINT ck_key_operations_action CHECK (action IN ('enable', 'disable', 'delete'))
  )`,
  `
  CREATE TABLE key_operation_keys (
    operation_id uuid NOT NULL,
    key_id bigint NOT NULL,
    state varchar(12) NOT NULL,
    status smallint NOT NULL,
    status_code varchar(64),
    status_detail varchar(500),
    status_http smallint,
    status_model varchar(200),
    status_since timestamptz NOT NULL,
    until timestamptz,
    next_probe_at timestamptz,
    failed_probes smallint NOT NULL,
    secret_ciphertext text,
    CONSTRAINT pk_key_operation_keys PRIMARY KEY (operation_id, key_id),
    CONSTRAINT fk_key_operation_keys_operation FOREIGN KEY (operation_id) REFERENCES key_operations(id)
  )`,
];

/** What was done to many keys at once, and how they were before. */
export class KeyOperations1700000002000 implements MigrationInterface {
  readonly name = 'KeyOperations1700000002000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['key_operation_keys', 'key_operations']) await runner.query(`DROP TABLE ${table}`);
  }
}
