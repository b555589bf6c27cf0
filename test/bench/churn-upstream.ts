import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

// An upstream that counts what it is asked, and can be told to refuse some: GET /refuse/83 has it refuse 83 requests a
// second, GET /refuse/0 none; both answer with the number of requests so far.

const [jsonAnswer = '', retryAfterSeconds = '1'] = process.argv.slice(2);
const SECOND_MS = 1_000;
const LONGEST_PAUSE_MS = 50;
const REFUSAL =
  '{"error":{"message":"Rate limit reached","type":"requests","param":null,"code":"rate_limit_exceeded"}}';

let requests = 0;
let refusalsPerSecond = 0;
let refuseFromMs = 0;

function isToBeRefused(): boolean {
  if (refusalsPerSecond === 0 || performance.now() < refuseFromMs) return false;
  // What was missed in a pause is made up for only in part: a row of refusals would hit all attempts of one request.
  refuseFromMs = Math.max(refuseFromMs, performance.now() - LONGEST_PAUSE_MS) + SECOND_MS / refusalsPerSecond;
  return true;
}

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    refusalsPerSecond = Number(/\d+$/.exec(request.url ?? '')?.[0] ?? 0);
    refuseFromMs = performance.now();
    response.end(String(requests));
    return;
  }
  requests++;
  const headers = { 'content-type': 'application/json' };
  request.resume().on('end', () => {
    if (isToBeRefused()) {
      const length = { 'content-length': REFUSAL.length, 'retry-after': retryAfterSeconds };
      response.writeHead(429, { ...headers, ...length }).end(REFUSAL);
    } else {
      response.writeHead(200, { ...headers, 'content-length': jsonAnswer.length }).end(jsonAnswer);
    }
  });
});
server.keepAliveTimeout = 75_000;
server.listen(0, '127.0.0.1', () => process.stdout.write(`ports ${(server.address() as AddressInfo).port}\n`));
// The bench holds the other end: it goes when the bench goes, however that happens.
process.stdin.on('close', () => process.exit()).resume();
