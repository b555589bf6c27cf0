import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ChannelKeys } from '../channels/channel-keys';
import { ChannelsModule } from '../channels/channels.module';
import { SecretsModule } from '../secrets/secrets.module';
import { BulkChanges } from './bulk/bulk-changes';
import { BulkPreview } from './bulk/bulk-preview';
import { BulkUndo } from './bulk/bulk-undo';
import { KeyOperation } from './bulk/key-operation.entity';
import { KeyOperationKey } from './bulk/key-operation-key.entity';
import { KeyOperationsRepository } from './bulk/key-operations.repository';
import { MatchingKeysRepository } from './bulk/matching-keys.repository';
import { OperationPurge } from './bulk/operation-purge';
import { ChannelKey } from './channel-key.entity';
import { EncryptionKey } from './encryption-key.entity';
import { EncryptionKeysRepository } from './encryption-keys.repository';
import { KeyEventPurge } from './history/key-event-purge';
import { KeyEventsRepository } from './history/key-events.repository';
import { KeyHistory } from './history/key-history';
import { KeyHistoryController } from './history/key-history.controller';
import { ImportBatch } from './import-batch.entity';
import { KeyChanges } from './key-changes';
import { KeyCipher } from './key-cipher';
import { KeyEvent } from './key-event.entity';
import { KeyImportRepository } from './key-import.repository';
import { KeyImporter } from './key-importer';
import { KeyReader } from './key-reader';
import { KeyReasons } from './key-reasons';
import { KeyReasonsRepository } from './key-reasons.repository';
import { KeySecrets } from './key-secrets';
import { KeySnapshots } from './key-snapshots';
import { KeySnapshotsRepository } from './key-snapshots.repository';
import { KeyStateRepository } from './key-state.repository';
import { KeySwitch } from './key-switch';
import { KeySwitchRepository } from './key-switch.repository';
import { KeyTransactions } from './key-transactions';
import { KeyTransitions } from './key-transitions';
import { KeyUsage } from './key-usage';
import { KeyViews } from './key-views';
import { KeyViewsController } from './key-views.controller';
import { KeysController } from './keys.controller';
import { KeysRepository } from './keys.repository';
import { StoredChannelKeys } from './stored-channel-keys';

/** The keys of channels: stored encrypted, imported, switched, shown masked. */
@Module({
  imports: [
    SecretsModule,
    ChannelsModule,
    TypeOrmModule.forFeature([ChannelKey, ImportBatch, EncryptionKey, KeyEvent, KeyOperation, KeyOperationKey]),
  ],
  controllers: [KeysController, KeyViewsController, KeyHistoryController],
  providers: [
    KeysRepository,
    KeySwitchRepository,
    KeyStateRepository,
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
    KeyTransitions,
    KeyImporter,
    KeySwitch,
    KeyViews,
    KeyReasons,
    KeyReasonsRepository,
    KeyEventsRepository,
    KeyHistory,
    KeyEventPurge,
    KeyOperationsRepository,
    MatchingKeysRepository,
    BulkChanges,
    BulkPreview,
    BulkUndo,
    OperationPurge,
    { provide: ChannelKeys, useClass: StoredChannelKeys },
  ],
  exports: [
    BulkChanges,
    BulkPreview,
    BulkUndo,
    ChannelKeys,
    KeyChanges,
    KeyReader,
    KeySecrets,
    KeyReasons,
    KeySnapshots,
    KeySwitch,
    KeyTransitions,
    KeyUsage,
    KeyViews,
  ],
})
export class KeysModule {}
