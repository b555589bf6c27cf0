import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiEnvelope, ApiExamples, ApiRefusals, type Refusal } from '../../common/api-envelope.decorator';
import { type Envelope, envelope } from '../../common/envelope';
import { BulkKeysDto, BulkReportDto, toUndoReportDto, UndoKeysDto, UndoReportDto } from './bulk.dto';
import type { BulkAction } from './bulk-action';
import { BulkActions } from './bulk-actions';
import { BULK_ANSWER, BULK_BODIES, UNDO_BODIES } from './bulk-examples';
import { BulkUndo } from './bulk-undo';

const VAGUE: Refusal = [400, 'VALIDATION_FAILED', 'filter is empty, which would be the whole pool'];
const NO_UUID: Refusal = [400, 'VALIDATION_FAILED', 'operation_id must be a UUID'];
const NO_CHANNEL: Refusal = [404, 'CHANNEL_NOT_FOUND', 'Channel 99 not found'];
const TESTING: Refusal = [409, 'TEST_ALREADY_RUNNING', 'The keys of channel 1 are being tested already'];
const NO_OPERATION: Refusal = [404, 'OPERATION_NOT_FOUND', 'No operation has this id'];
const UNDONE: Refusal = [409, 'OPERATION_ALREADY_UNDONE', 'This operation has been undone already'];
const EXPIRED: Refusal = [410, 'OPERATION_EXPIRED', 'This operation can no longer be undone'];

const DONE: Readonly<Record<BulkAction, string>> = {
  enable: 'Successfully enabled',
  disable: 'Successfully disabled',
  delete: 'Successfully deleted',
  test: 'Started to test',
};

@ApiTags('Keys')
@Controller('api/channel/keys')
export class KeysBulkController {
  constructor(
    private readonly actions: BulkActions,
    private readonly bulkUndo: BulkUndo,
  ) {}

  /** Enable, disable, delete or test all keys that fit a filter; with `dry_run` only say what would happen */
  @Post('bulk')
  @HttpCode(200)
  @ApiEnvelope({ data: BulkReportDto, message: 'Successfully disabled 12 keys', example: BULK_ANSWER })
  @ApiRefusals(VAGUE, NO_CHANNEL, TESTING)
  @ApiExamples(BulkKeysDto, BULK_BODIES)
  async bulk(@Body() dto: BulkKeysDto): Promise<Envelope<BulkReportDto>> {
    const report = await this.actions.run(dto);
    const verb = report.dry_run ? `Would ${report.action}` : DONE[report.action];
    return envelope(report, `${verb} ${report.affected} keys`);
  }

  /** Undo a bulk action, for 10 minutes: every key that has not changed since is again what it was */
  @Post('undo')
  @HttpCode(200)
  @ApiEnvelope({ data: UndoReportDto, message: 'Successfully restored 12 keys' })
  @ApiRefusals(NO_UUID, NO_CHANNEL, NO_OPERATION, UNDONE, EXPIRED)
  @ApiExamples(UndoKeysDto, UNDO_BODIES)
  async undo(@Body() { operation_id }: UndoKeysDto): Promise<Envelope<UndoReportDto>> {
    const report = toUndoReportDto(operation_id, await this.bulkUndo.undo(operation_id));
    return envelope(report, `Successfully restored ${report.restored} keys`);
  }
}
