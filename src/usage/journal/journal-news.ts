import { Injectable } from '@nestjs/common';
import { Announcement } from '../../common/announcement';

/**
 * What an operator wants to know of the journal. `failing`: it cannot be written, and records are in memory alone;
 * `detail_dropped`: there is no more room for them, on disk or in memory, and of some requests only sums are kept;
 * `recovered`: all that was in memory is written.
 */
export type JournalEvent = 'failing' | 'detail_dropped' | 'recovered';

/** Tells of turns for the worse and the better of this process's journal, each once. */
@Injectable()
export class JournalNews extends Announcement<JournalEvent> {}
