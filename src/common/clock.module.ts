import { Global, Module } from '@nestjs/common';
import { Clock, SystemClock } from './clock';

/** The machine's clocks, for everybody. */
@Global()
@Module({ providers: [{ provide: Clock, useClass: SystemClock }], exports: [Clock] })
export class ClockModule {}
