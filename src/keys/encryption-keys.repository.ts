import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { SecretCipher } from '../secrets/secret-cipher';
import { EncryptionKey } from './encryption-key.entity';
import { EncryptionKeyMismatchError } from './keys.errors';

/** Lets the program start only with the ENCRYPTION_KEY under which the stored keys were encrypted. */
@Injectable()
export class EncryptionKeysRepository implements OnModuleInit {
  constructor(
    @InjectRepository(EncryptionKey) private readonly rows: Repository<EncryptionKey>,
    private readonly cipher: SecretCipher,
  ) {}

  async onModuleInit(): Promise<void> {
    const id = this.cipher.encryptionKeyId;
    // One statement, so that of two programs that start at once on an empty table only one leaves its mark.
    await this.rows.query(
      'INSERT INTO encryption_keys (id) SELECT $1 WHERE NOT EXISTS (SELECT 1 FROM encryption_keys) ON CONFLICT DO NOTHING',
      [id],
    );
    const known = (await this.rows.find()).map((row) => row.id);
    if (!known.includes(id)) throw new EncryptionKeyMismatchError(known, id);
  }
}
