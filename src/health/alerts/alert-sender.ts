import { createHmac, randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpService } from '@nestjs/axios';
import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { AxiosRequestConfig } from 'axios';
import { firstValueFrom } from 'rxjs';
import { Clock } from '../../common/clock';
import { AppConfig } from '../../config/app-config';
import { guardedRequest } from '../outbound-request';
import { type Alert, alertBody, type AlertBody } from './alert';

const MOST_WAITING = 1_000;
const TIMEOUT_MS = 10_000;
const DRAIN_MS = 2_000;

/** What came of one try: the status of the answer, or the code of the error that came instead. */
type Outcome = number | string;

/**
 * Posts alerts to ALERT_WEBHOOK_URL, one after the other in their order, each at most three times. What cannot be delivered
 * is dropped with a line in the log that names no more of the URL than its host.
 */
@Injectable()
export class AlertSender implements OnModuleInit, OnApplicationShutdown {
  protected readonly pausesMs: readonly number[] = [1_000, 5_000];
  private readonly logger = new Logger(AlertSender.name);
  private readonly stopping = new AbortController();
  private readonly waiting: AlertBody[] = [];
  private hook: URL | null = null;
  private draining: Promise<void> | null = null;

  constructor(
    private readonly http: HttpService,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    const { alertWebhookUrl: url, alertWebhookSecret: secret } = this.config;
    if (url === null) return;
    const problem = this.problemWith(url);
    if (problem !== null) {
      this.logger.error(`No alerts are sent, ALERT_WEBHOOK_URL may not be used: ${problem}`);
      return;
    }
    this.hook = new URL(url);
    if (secret === null) this.logger.warn('Alerts are sent without a signature: ALERT_WEBHOOK_SECRET is not set');
  }

  /** Takes one alert to send; never waits and never throws. With a thousand alerts waiting, the oldest makes room. */
  send(alert: Alert): void {
    if (this.hook === null || this.stopping.signal.aborted) return;
    this.waiting.push(alertBody(alert, randomUUID()));
    if (this.waiting.length > MOST_WAITING) this.dropOldest();
    this.draining ??= this.drain(this.hook);
  }

  /** Gives alerts under way two seconds more. */
  async onApplicationShutdown(): Promise<void> {
    const cut = setTimeout(() => {
      this.stopping.abort();
    }, DRAIN_MS);
    await this.draining;
    clearTimeout(cut);
    this.stopping.abort();
    if (this.waiting.length > 0)
      this.logger.warn(`The program stops before these were sent: ${this.waiting.length} alerts`);
  }

  private problemWith(url: string): string | null {
    if (!URL.canParse(url)) return 'it is no URL.';
    return this.config.upstreamAllow.problemWith(guardedPart(new URL(url)));
  }

  private dropOldest(): void {
    const oldest = this.waiting.shift();
    if (oldest) this.logger.warn(`Dropped ${nameOf(oldest)}: more than ${MOST_WAITING} alerts are waiting`);
  }

  private async drain(hook: URL): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const next = this.waiting.shift();
      if (!next) break;
      await this.deliver(hook, next);
    }
    this.draining = null;
  }

  private async deliver(hook: URL, body: AlertBody): Promise<void> {
    let outcome = await this.post(hook, body);
    for (const pauseMs of this.pausesMs) {
      if (!isWorthAnotherTry(outcome)) break;
      // Cut short when the program stops; the post after it then fails at once.
      await sleep(pauseMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      outcome = await this.post(hook, body);
    }
    if (isDelivered(outcome)) return;
    const answer = typeof outcome === 'number' ? `answered ${outcome}` : `did not answer (${outcome})`;
    this.logger.warn(`Gave up on ${nameOf(body)}: ${hook.host} ${answer}`);
  }

  private async post(hook: URL, body: AlertBody): Promise<Outcome> {
    try {
      const answer = await firstValueFrom(this.http.request<Readable>(this.requestTo(hook, body)));
      answer.data.destroy();
      return answer.status;
    } catch (error) {
      // The code alone: an error of the client holds the whole request, and with it the URL.
      const code = (error as { code?: unknown }).code;
      return typeof code === 'string' ? code : 'no code';
    }
  }

  private requestTo(hook: URL, body: AlertBody): AxiosRequestConfig {
    const data = Buffer.from(JSON.stringify(body));
    return {
      ...guardedRequest({ upstream: guardedPart(hook), proxy: null }, this.config.upstreamAllow),
      url: hook.href,
      method: 'POST',
      data,
      headers: this.headersFor(body, data),
      timeout: TIMEOUT_MS,
      signal: this.stopping.signal,
      // Only the head of the answer counts; the rest is not read.
      responseType: 'stream',
    };
  }

  private headersFor({ id, event }: AlertBody, data: Buffer): Record<string, string> {
    const { alertWebhookSecret: secret } = this.config;
    const timestamp = String(Math.floor(this.clock.wallMs() / 1000));
    const signature = (key: string): string =>
      `sha256=${createHmac('sha256', key).update(`${timestamp}.`).update(data).digest('hex')}`;
    return {
      'content-type': 'application/json',
      'user-agent': 'keymux',
      'x-keymux-event': event,
      'x-keymux-delivery': id,
      'x-keymux-timestamp': timestamp,
      ...(secret !== null && { 'x-keymux-signature': signature(secret) }),
    };
  }
}

/** What the guard judges: a hook, unlike an upstream, may have a query and a password. */
function guardedPart(hook: URL): URL {
  return new URL(`${hook.protocol}//${hook.host}`);
}

function isDelivered(outcome: Outcome): boolean {
  return typeof outcome === 'number' && outcome >= 200 && outcome < 300;
}

function isWorthAnotherTry(outcome: Outcome): boolean {
  return typeof outcome === 'string' || outcome === 408 || outcome === 429 || outcome >= 500;
}

function nameOf({ event, channel_id, id }: AlertBody): string {
  return `alert ${event} of channel ${channel_id} (${id})`;
}
