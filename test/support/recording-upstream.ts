import { setImmediate as nextTurn } from 'node:timers/promises';
import { anthropicRoutes } from './anthropic-answers';
import { type ApiAnswer, type ApiRoutes, jsonAnswer } from './api-answer';
import { geminiRoutes } from './gemini-answers';
import { openAiMediaRoutes } from './openai-media-answers';
import { openAiResponseRoutes } from './openai-response-answers';
import { openAiTextRoutes } from './openai-text-answers';
import type { RecordedExchange } from './recorded-exchange';
import { RecordingServer } from './recording-server';

const ROUTES: ApiRoutes = {
  ...openAiTextRoutes,
  ...openAiMediaRoutes,
  ...openAiResponseRoutes,
  ...anthropicRoutes,
  ...geminiRoutes,
};

/** A real upstream that answers as the APIs of OpenAI, Azure, Anthropic and Gemini do, and records every byte. */
export class RecordingUpstream {
  private constructor(
    private readonly server: RecordingServer,
    private readonly queue: ApiAnswer[],
  ) {}

  static async start(): Promise<RecordingUpstream> {
    const queue: ApiAnswer[] = [];
    const server = await RecordingServer.start((exchange) => play(exchange, queue.shift() ?? usualAnswer(exchange)));
    return new RecordingUpstream(server, queue);
  }

  get baseUrl(): string {
    return this.server.baseUrl;
  }

  get exchanges(): readonly RecordedExchange[] {
    return this.server.exchanges;
  }

  /** What the next requests get, whatever they ask for. */
  answerNext(...answers: readonly ApiAnswer[]): void {
    this.queue.push(...answers);
  }

  /** Forgets what was recorded and what was scripted. */
  forget(): void {
    this.server.forget();
    this.queue.length = 0;
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}

async function play(exchange: RecordedExchange, { status, headers, pieces, ends }: ApiAnswer): Promise<void> {
  exchange.start(status, headers);
  for (const piece of pieces) {
    if (!exchange.isOpen) return;
    exchange.write(piece);
    await nextTurn();
  }
  if (ends) exchange.end();
  await exchange.over();
}

function usualAnswer(exchange: RecordedExchange): ApiAnswer {
  const route = `${exchange.method} ${routePath(exchange.target)}`;
  const answer = ROUTES[route];
  return answer ? answer(exchange) : jsonAnswer({ error: { message: `No such route: ${route}` } }, 404);
}

/** The path of a request's target with every name in it left out, and Azure's form as OpenAI's. */
function routePath(target: string): string {
  return target
    .replace(/\?.*$/s, '')
    .replace(/^\/openai\/deployments\/[^/]+/, '/v1')
    .replace(/\/(?:resp|msgbatch)_\w+/, '/{id}')
    .replace(/\/models\/[^:]+:/, '/models/{model}:');
}
