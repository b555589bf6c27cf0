import { Injectable } from '@nestjs/common';

/** Whether this process should get requests: from the moment it listens until it is told to stop. */
@Injectable()
export class Readiness {
  private serving = false;

  get isReady(): boolean {
    return this.serving;
  }

  serve(): void {
    this.serving = true;
  }

  drain(): void {
    this.serving = false;
  }
}
