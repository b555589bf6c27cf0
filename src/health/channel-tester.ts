import { Agent as HttpAgent, type AgentOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { HttpService } from '@nestjs/axios';
import { Injectable } from '@nestjs/common';
import type { AxiosRequestConfig } from 'axios';
import { firstValueFrom } from 'rxjs';
import { ChannelReader } from '../channels/channel-reader';
import { guardedLookup } from '../channels/guarded-lookup';
import { upstreamPath } from '../channels/upstream-path';
import { AppConfig } from '../config/app-config';
import { KeyReader } from '../keys/key-reader';
import type { ChannelTestDto, TestChannelDto } from './channel-test.dto';

const TIMEOUT_MS = 30_000;
const MOST_ANSWER_BYTES = 1024 * 1024;

/** Tries one key of a channel with one real request; changes nothing. */
@Injectable()
export class ChannelTester {
  constructor(
    private readonly http: HttpService,
    private readonly channels: ChannelReader,
    private readonly keys: KeyReader,
    private readonly config: AppConfig,
  ) {}

  async test(channelId: number, { model, key_index }: TestChannelDto): Promise<ChannelTestDto> {
    const channel = await this.channels.getSummary(channelId);
    const key = await this.keys.get(channelId, key_index);
    const startedAtMs = performance.now();
    const outcome = await this.send(new URL(channel.baseUrl), key.secret, model);
    return {
      key_index: key.index,
      key_id: key.keyId,
      key: key.mask,
      ok: outcome.status !== null && outcome.status >= 200 && outcome.status < 300,
      http_status: outcome.status,
      latency_ms: Math.round(performance.now() - startedAtMs),
      problem: outcome.problem,
    };
  }

  private async send(
    upstream: URL,
    secret: string,
    model: string | undefined,
  ): Promise<{ status: number | null; problem: string | null }> {
    try {
      const request = this.requestTo(upstream, secret, model);
      const { status } = await firstValueFrom(this.http.request<unknown>(request));
      return { status, problem: null };
    } catch (error) {
      // The code alone: an error of the client holds the whole request, and with it the key.
      const code = (error as { code?: unknown }).code;
      return { status: null, problem: typeof code === 'string' ? `No answer: ${code}` : 'No answer' };
    }
  }

  private requestTo(upstream: URL, secret: string, model: string | undefined): AxiosRequestConfig {
    const path = model === undefined ? '/v1/models' : '/v1/chat/completions';
    const connection = { lookup: guardedLookup(upstream, this.config.upstreamAllow) } as AgentOptions;
    return {
      url: `${upstream.origin}${upstreamPath(upstream.pathname.replace(/\/+$/, ''), path, '')}`,
      method: model === undefined ? 'GET' : 'POST',
      ...(model !== undefined && { data: { model, max_tokens: 1, messages: [{ role: 'user', content: 'hi' }] } }),
      headers: { authorization: `Bearer ${secret}` },
      httpAgent: new HttpAgent(connection),
      httpsAgent: new HttpsAgent(connection),
      // A redirect would carry the key elsewhere; so would a proxy of the environment.
      maxRedirects: 0,
      proxy: false,
      timeout: TIMEOUT_MS,
      maxContentLength: MOST_ANSWER_BYTES,
      responseType: 'text',
      validateStatus: () => true,
    };
  }
}
