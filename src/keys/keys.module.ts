import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ChannelKeys } from '../channels/channel-keys';
import { ChannelsModule } from '../channels/channels.module';
import { ChannelKey } from './channel-key.entity';
import { EncryptionKey } from './encryption-key.entity';
import { EncryptionKeysRepository } from './encryption-keys.repository';
import { ImportBatch } from './import-batch.entity';
import { KeyChanges } from './key-changes';
import { KeyCipher } from './key-cipher';
import { KeyImportRepository } from './key-import.repository';
import { KeyImporter } from './key-importer';
import { KeyReader } from './key-reader';
import { KeySecrets } from './key-secrets';
import { KeySnapshots } from './key-snapshots';
import { KeySnapshotsRepository } from './key-snapshots.repository';
import { KeySwitch } from './key-switch';
import { KeySwitchRepository } from './key-switch.repository';
import { KeyTransactions } from './key-transactions';
import { KeyUsage } from './key-usage';
import { KeyViews } from './key-views';
import { KeyViewsController } from './key-views.controller';
import { KeysController } from './keys.controller';
import { KeysRepository } from './keys.repository';
import { StoredChannelKeys } from './stored-channel-keys';

/** The keys of channels: stored encrypted, imported, switched, shown masked. */
@Module({
  imports: [ChannelsModule, TypeOrmModule.forFeature([ChannelKey, ImportBatch, EncryptionKey])],
  controllers: [KeysController, KeyViewsController],
  providers: [
    KeysRepository,
    KeySwitchRepository,
    KeyImportRepository,
    EncryptionKeysRepository,
    KeyCipher,
    KeySecrets,
    KeyReader,
    KeySnapshots,
    KeySnapshotsRepository,
    KeyUsage,
    KeyChanges,
    KeyTransactions,
    KeyImporter,
    KeySwitch,
    KeyViews,
    { provide: ChannelKeys, useClass: StoredChannelKeys },
  ],
  exports: [ChannelKeys, KeyChanges, KeyReader, KeySecrets, KeySnapshots, KeyUsage],
})
export class KeysModule {}
