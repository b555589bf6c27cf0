import { Injectable } from '@nestjs/common';

/** Tells time. What lasts is measured on `nowMs`, which no correction of the machine's clock moves. */
export abstract class Clock {
  /** Milliseconds since some moment of the past; only differences mean something. Never goes back. */
  abstract nowMs(): number;

  /** Unix milliseconds, as the machine believes. */
  abstract wallMs(): number;
}

/** The machine's clocks. */
@Injectable()
export class SystemClock extends Clock {
  nowMs(): number {
    return performance.now();
  }

  wallMs(): number {
    return Date.now();
  }
}
