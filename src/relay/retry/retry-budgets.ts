import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config';
import { RetryBudget } from './retry-budget';

const FLOOR = 3;

/** The retry budget of each channel. */
@Injectable()
export class RetryBudgets {
  private readonly budgets = new Map<number, RetryBudget>();

  constructor(private readonly config: AppConfig) {}

  of(channelId: number): RetryBudget {
    const known = this.budgets.get(channelId);
    if (known) return known;
    const budget = new RetryBudget(this.config.relayRetryPercent / 100, FLOOR);
    this.budgets.set(channelId, budget);
    return budget;
  }
}
