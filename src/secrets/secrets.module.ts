import { Module } from '@nestjs/common';
import { SecretCipher } from './secret-cipher';

/** How secrets are encrypted for the database. */
@Module({ providers: [SecretCipher], exports: [SecretCipher] })
export class SecretsModule {}
