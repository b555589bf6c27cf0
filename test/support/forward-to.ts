import { type Agent, type IncomingMessage, request } from 'node:http';
import type { RecordedExchange } from './recorded-exchange';
import type { Respond } from './recording-server';

/** Answers with what the server at this address answers to the very same request, piece by piece as it comes. */
export function forwardTo(baseUrl: string, agent: Agent): Respond {
  return async (exchange) => {
    const { method, target, requestHeaders, requestBody } = exchange;
    const onward = request(baseUrl, { method, path: target, headers: requestHeaders, setHost: false, agent });
    onward.on('error', () => {
      exchange.sever();
    });
    onward.on('response', (answer) => {
      passBack(answer, exchange);
    });
    onward.end(requestBody);
    await exchange.over();
    // Nothing to a request that has its answer; to one whose client is gone, the same that the client did.
    onward.destroy();
  };
}

function passBack(answer: IncomingMessage, exchange: RecordedExchange): void {
  exchange.start(answer.statusCode ?? 0, answer.rawHeaders);
  answer.on('data', (chunk: Buffer) => {
    exchange.write(chunk);
  });
  answer.on('error', () => undefined);
  answer.on('close', () => {
    if (answer.complete) exchange.end();
    else exchange.sever();
  });
}
