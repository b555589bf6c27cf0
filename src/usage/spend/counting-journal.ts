import { Injectable } from '@nestjs/common';
import { FileJournal } from '../journal/file-journal';
import { RequestJournal } from '../request-journal';
import type { RequestRecord } from '../request-record';
import { TokenSpending } from './token-spending';

/** The journal, of which each record counts as spent at once. */
@Injectable()
export class CountingJournal extends RequestJournal {
  constructor(
    private readonly journal: FileJournal,
    private readonly spending: TokenSpending,
  ) {
    super();
  }

  override record(record: RequestRecord): void {
    this.journal.record(record);
    this.spending.add(record);
  }
}
