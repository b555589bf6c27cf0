import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../common/clock';
import { AlertSender } from '../health/alerts/alert-sender';
import { JournalNews } from '../usage/journal/journal-news';

/** Sends an alert when the journal of this process turns for the worse or the better. */
@Injectable()
export class JournalAlerts implements OnModuleInit {
  constructor(
    private readonly news: JournalNews,
    private readonly sender: AlertSender,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.news.subscribe((event) => {
      const at = new Date(this.clock.wallMs());
      this.sender.send({
        event: `journal.${event}`,
        channelId: null,
        channelName: null,
        reason: null,
        counts: null,
        at,
      });
    });
  }
}
