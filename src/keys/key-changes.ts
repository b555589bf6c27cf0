import { Injectable } from '@nestjs/common';
import { ChannelChanges } from '../channels/channel-changes';
import { Announcement } from '../common/announcement';

/** Announces the id of a channel whose keys changed, after commit; the channel's own status may have followed, so it is announced too. */
@Injectable()
export class KeyChanges extends Announcement<number> {
  constructor(private readonly channelChanges: ChannelChanges) {
    super();
  }

  override async announce(channelId: number): Promise<void> {
    await super.announce(channelId);
    await this.channelChanges.announce(channelId);
  }
}
