import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { KeysModule } from '../keys.module';
import { BulkActions } from './bulk-actions';
import { KeysBulkController } from './keys-bulk.controller';

/** The bulk actions on keys, which also test them: whoever composes the program names the module that has `KeyTestJobs`. */
@Module({})
export class KeysBulkModule {
  static with(keyTestJobsModule: Type): DynamicModule {
    return {
      module: KeysBulkModule,
      imports: [KeysModule, keyTestJobsModule],
      controllers: [KeysBulkController],
      providers: [BulkActions],
    };
  }
}
