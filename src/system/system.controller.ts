import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { ApiEnvelope } from '../common/api-envelope.decorator';
import { type Envelope, envelope } from '../common/envelope';
import { PublicRoute } from '../common/public-route';
import { NotReadyError } from './not-ready.error';
import { Readiness } from './readiness';
import { SystemStatusDto } from './system.dto';
import { VERSION } from './version';

@ApiTags('System')
@PublicRoute()
@Controller()
export class SystemController {
  constructor(private readonly readiness: Readiness) {}

  /** Version and where the documentation is */
  @Get('api/status')
  @ApiEnvelope({ data: SystemStatusDto })
  status(): Envelope<SystemStatusDto> {
    return envelope({ version: VERSION, docs_url: '/docs' });
  }

  /** Whether the process is alive */
  @Get('livez')
  @ApiOkResponse({ description: 'Alive' })
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** Whether requests should come here; a lost database does not change it */
  @Get('readyz')
  @ApiOkResponse({ description: 'Ready' })
  @ApiServiceUnavailableResponse({ description: 'NOT_READY: starting or stopping' })
  ready(): { status: 'ok' } {
    if (!this.readiness.isReady) throw new NotReadyError();
    return { status: 'ok' };
  }
}
