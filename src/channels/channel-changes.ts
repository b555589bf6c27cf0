import { Injectable } from '@nestjs/common';
import { Announcement } from '../common/announcement';

/** Announces the id of a channel that was created, changed or deleted, after commit. */
@Injectable()
export class ChannelChanges extends Announcement<number> {}
