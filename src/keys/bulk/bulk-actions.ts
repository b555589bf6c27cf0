import { Injectable } from '@nestjs/common';
import { type BulkKeysDto, type BulkReportDto, toBulkReportDto } from './bulk.dto';
import { BulkChanges } from './bulk-changes';
import { BulkPreview } from './bulk-preview';
import { type KeyMatch, refuseVagueFilter } from './key-filter';
import { KeyTestJobs } from './key-test-jobs';

/** Does to all keys that match a filter what an admin asks for, or says what it would do. */
@Injectable()
export class BulkActions {
  constructor(
    private readonly preview: BulkPreview,
    private readonly changes: BulkChanges,
    private readonly testJobs: KeyTestJobs,
  ) {}

  /** Throws a `ValidationFailedError` for a vague filter, or a `ChannelNotFoundError`. */
  async run(dto: BulkKeysDto): Promise<BulkReportDto> {
    const { channel_id: channelId, filter, action, dry_run } = dto;
    refuseVagueFilter(filter);
    const match: KeyMatch = { channelId, filter };
    if (dry_run) return toBulkReportDto(dto, await this.preview.survey(match, action));
    if (action === 'test') return this.test(dto, match);
    const report = await this.changes.apply(match, action);
    return toBulkReportDto(dto, report, { operation: report.operation });
  }

  private async test(dto: BulkKeysDto, match: KeyMatch): Promise<BulkReportDto> {
    const survey = await this.preview.survey(match, dto.action);
    const ids = await this.preview.listIds(match);
    if (ids.length === 0) return toBulkReportDto(dto, survey);
    const { job_id: jobId, total } = await this.testJobs.start(match.channelId, ids);
    return toBulkReportDto(dto, { ...survey, affected: total }, { jobId });
  }
}
