import { Injectable } from '@nestjs/common';
import { Announcement } from '../common/announcement';

/** Announces the id of a token that was created, changed or deleted, after commit. */
@Injectable()
export class TokenChanges extends Announcement<number> {}
