import { Body, Controller, HttpCode, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { STATUS } from '../channels/status';
import { ApiEnvelope, ApiExamples, ApiRefusals, type Refusal } from '../common/api-envelope.decorator';
import { type Envelope, envelope } from '../common/envelope';
import {
  BatchToggleReportDto,
  DeleteReportDto,
  ImportReportDto,
  toImportReportDto,
  ToggleReportDto,
  toToggleReportDto,
} from './key-answers.dto';
import {
  BATCH_TOGGLE_BODIES,
  DELETE_BODIES,
  DELETE_DISABLED_BODIES,
  EDIT_BODIES,
  IMPORT_ANSWER,
  IMPORT_BODIES,
  TOGGLE_BODIES,
  TOGGLE_BY_BATCH_BODIES,
} from './key-examples';
import {
  BatchToggleDto,
  DeleteDisabledDto,
  DeleteKeysDto,
  EditKeyDto,
  ImportKeysDto,
  ToggleByBatchDto,
  ToggleKeyDto,
} from './key-input.dto';
import { KeyImporter } from './key-importer';
import { selectionOf } from './key-selection';
import { KeySwitch } from './key-switch';

const INVALID: Refusal = [400, 'VALIDATION_FAILED', 'enabled must be a boolean value'];
const NO_CHANNEL: Refusal = [404, 'CHANNEL_NOT_FOUND', 'Channel 99 not found'];
const NO_KEY: Refusal = [404, 'KEY_NOT_FOUND', 'Channel 1 has no such key'];
const NO_BATCH: Refusal = [404, 'BATCH_NOT_FOUND', 'Channel 1 has no such batch'];
const NO_VALID_KEYS: Refusal = [400, 'NO_VALID_KEYS', 'None of the keys can be used'];
const NOT_MULTI_KEY: Refusal = [409, 'CHANNEL_NOT_MULTI_KEY', 'Channel 1 serves one key, because multi-key is off'];

@ApiTags('Keys')
@Controller('api/channel/keys')
export class KeysController {
  constructor(
    private readonly importer: KeyImporter,
    private readonly keySwitch: KeySwitch,
  ) {}

  /** Import keys: mode 0 overwrites the pool, mode 1 appends to it */
  @Post('import')
  @HttpCode(200)
  @ApiEnvelope({
    data: ImportReportDto,
    message: 'Successfully imported 5 keys',
    example: IMPORT_ANSWER,
  })
  @ApiRefusals(INVALID, NO_VALID_KEYS, NO_CHANNEL, NOT_MULTI_KEY)
  @ApiExamples(ImportKeysDto, IMPORT_BODIES)
  async importKeys(@Body() { channel_id, keys, mode }: ImportKeysDto): Promise<Envelope<ImportReportDto>> {
    const report = await this.importer.import(channel_id, keys, mode);
    return envelope(toImportReportDto(report, mode), `Successfully imported ${report.importedCount} keys`);
  }

  /** Enable or disable one key; enabling clears the reason for which it was off */
  @Post('toggle')
  @HttpCode(200)
  @ApiEnvelope({ data: ToggleReportDto, message: 'Key disabled successfully' })
  @ApiRefusals(INVALID, NO_CHANNEL, NO_KEY)
  @ApiExamples(ToggleKeyDto, TOGGLE_BODIES)
  async toggleKey(@Body() dto: ToggleKeyDto): Promise<Envelope<ToggleReportDto>> {
    const report = await this.keySwitch.switch(dto.channel_id, selectionOf(dto), dto.enabled);
    return envelope(toToggleReportDto(report), `Key ${dto.enabled ? 'enabled' : 'disabled'} successfully`);
  }

  /** Enable or disable several keys */
  @Post('batch-toggle')
  @HttpCode(200)
  @ApiEnvelope({ data: ToggleReportDto, message: 'Successfully disabled 3 keys' })
  @ApiRefusals(INVALID, NO_CHANNEL, NO_KEY)
  @ApiExamples(BatchToggleDto, BATCH_TOGGLE_BODIES)
  async batchToggle(@Body() { channel_id, key_indices, enabled }: BatchToggleDto): Promise<Envelope<ToggleReportDto>> {
    const report = await this.keySwitch.switch(channel_id, { by: 'index', indices: key_indices }, enabled);
    const verb = enabled ? 'enabled' : 'disabled';
    return envelope(toToggleReportDto(report), `Successfully ${verb} ${report.found} keys`);
  }

  /** Enable or disable the keys of one import */
  @Post('batch-toggle-by-batch')
  @HttpCode(200)
  @ApiEnvelope({ data: BatchToggleReportDto, message: 'Successfully enabled keys in batch batch_1703515200' })
  @ApiRefusals(INVALID, NO_CHANNEL, NO_BATCH)
  @ApiExamples(ToggleByBatchDto, TOGGLE_BY_BATCH_BODIES)
  async toggleByBatch(
    @Body() { channel_id, batch_id, enabled }: ToggleByBatchDto,
  ): Promise<Envelope<BatchToggleReportDto>> {
    const { affected, unchanged } = await this.keySwitch.switch(channel_id, { by: 'batch', batch: batch_id }, enabled);
    const verb = enabled ? 'enabled' : 'disabled';
    return envelope({ batch_id, affected, unchanged }, `Successfully ${verb} keys in batch ${batch_id}`);
  }

  /** Delete keys; the other keys keep their index */
  @Post('delete')
  @HttpCode(200)
  @ApiEnvelope({ data: DeleteReportDto, message: 'Successfully deleted 1 keys' })
  @ApiRefusals(INVALID, NO_CHANNEL, NO_KEY)
  @ApiExamples(DeleteKeysDto, DELETE_BODIES)
  async deleteKeys(@Body() { channel_id, key_indices }: DeleteKeysDto): Promise<Envelope<DeleteReportDto>> {
    const { affected } = await this.keySwitch.delete(channel_id, key_indices);
    return envelope({ deleted: affected }, `Successfully deleted ${affected} keys`);
  }

  /** Delete the keys that are disabled: by default those disabled automatically */
  @Post('delete-disabled')
  @HttpCode(200)
  @ApiEnvelope({ data: DeleteReportDto, message: 'Successfully deleted 1 keys' })
  @ApiRefusals(INVALID, NO_CHANNEL)
  @ApiExamples(DeleteDisabledDto, DELETE_DISABLED_BODIES)
  async deleteDisabled(@Body() { channel_id, status }: DeleteDisabledDto): Promise<Envelope<DeleteReportDto>> {
    const deleted = await this.keySwitch.deleteByStatus(channel_id, status ?? STATUS.disabledAutomatically);
    return envelope({ deleted }, `Successfully deleted ${deleted} keys`);
  }

  /** Write a key's note or balance */
  @Patch()
  @ApiEnvelope({ message: 'Key updated successfully' })
  @ApiRefusals(INVALID, NO_CHANNEL, NO_KEY)
  @ApiExamples(EditKeyDto, EDIT_BODIES)
  async editKey(@Body() { channel_id, key_index, ...edit }: EditKeyDto): Promise<Envelope<null>> {
    await this.keySwitch.annotate(channel_id, key_index, edit);
    return envelope(null, 'Key updated successfully');
  }
}
