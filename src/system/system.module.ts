import { Module } from '@nestjs/common';
import { Readiness } from './readiness';
import { SystemController } from './system.controller';

/** What the outside may know about this process. */
@Module({ controllers: [SystemController], providers: [Readiness], exports: [Readiness] })
export class SystemModule {}
