import { Controller, Get, Logger, Param, Query, StreamableFile } from '@nestjs/common';
import { ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ApiEnvelope, ApiRefusals, type Refusal } from '../../common/api-envelope.decorator';
import { type Envelope, envelope } from '../../common/envelope';
import { LogExport } from './log-export';
import { type ExportFormat, ExportLogDto, ListLogDto, RequestIdParam } from './request-log-query.dto';
import { RequestLogViews } from './request-log-views';
import { LoggedRequestDto, LogPageDto } from './request-log.dto';

const INVALID: Refusal = [400, 'VALIDATION_FAILED', 'limit must not be greater than 1000'];

const MEDIA_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
};

@ApiTags('Usage')
@Controller('api/log')
export class RequestLogController {
  private readonly logger = new Logger(RequestLogController.name);

  constructor(
    private readonly views: RequestLogViews,
    private readonly exporting: LogExport,
  ) {}

  /** List requests that reached an upstream, the newest first */
  @Get()
  @ApiEnvelope({ data: LogPageDto })
  @ApiRefusals(INVALID)
  async listLog(@Query() query: ListLogDto): Promise<Envelope<LogPageDto>> {
    return envelope(await this.views.list(query));
  }

  /** Download the log as CSV or NDJSON, the newest first, at most a million requests at once */
  @Get('export')
  @ApiProduces('text/csv', 'application/x-ndjson')
  @ApiResponse({ status: 200, description: 'One line a request', schema: { type: 'string' } })
  @ApiRefusals(INVALID)
  async exportLog(@Query() query: ExportLogDto): Promise<StreamableFile> {
    const file = new StreamableFile(await this.exporting.open(query), {
      type: MEDIA_TYPES[query.format],
      disposition: `attachment; filename="request-log.${query.format}"`,
    });
    return file.setErrorLogger(() => {
      this.logger.warn('An export of the request log broke off');
    });
  }

  /** Show one request with its attempts; of several that a client gave the same id, the newest */
  @Get(':request_id')
  @ApiEnvelope({ data: LoggedRequestDto })
  @ApiRefusals([404, 'LOG_NOT_FOUND', 'The log has no such request; it may be too old, or not written yet'])
  async getLog(@Param() { request_id }: RequestIdParam): Promise<Envelope<LoggedRequestDto>> {
    return envelope(await this.views.get(request_id));
  }
}
